"""Connections that move to another process, between two requests.

Each process serves the addresses that it is there for: one that reads a request for
others hands on the connection, with the request still unread in the kernel.
"""

import socket
from contextlib import suppress
from urllib.parse import unquote

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from chatsite.daphne.unread import is_plain_tcp

LINE_BYTES = 4096  # a request whose first line is longer is served where it is


class ChatChannel(HTTPChannel):
    """The requests of one connection, until one of them is for another process.

    `factory.server.elsewhere` says which and takes the connection, unless it is None.
    """

    def connectionMade(self):  # noqa: N802 - Twisted's names
        super().connectionMade()
        if self.factory.server.elsewhere and is_plain_tcp(self.transport):
            self.transport.doRead = self._read

    def connectionLost(self, reason):  # noqa: N802
        super().connectionLost(reason)
        stay(self.transport)

    def _read(self):
        """In place of the transport's own `doRead`."""
        transport = self.transport
        if self._is_between_requests() and self._move():
            return None
        return type(transport).doRead(transport)

    def _is_between_requests(self):
        transport = self.transport
        unsent = transport.dataBuffer or transport._tempDataBuffer
        unread = self._buffer or self._dataBuffer
        return not (self.requests or unread or unsent)

    def _move(self):
        """Have another process go on, if the next request is for it and it can."""
        elsewhere, line = self.factory.server.elsewhere, self.transport.socket
        try:
            path = path_in(line.recv(LINE_BYTES, socket.MSG_PEEK))
        except OSError:
            return False
        if not (path and elsewhere and elsewhere.serves(path) and elsewhere.take(line)):
            return False
        self.transport._closeSocket = lambda is_orderly: line.close()  # here only
        self.transport.connectionLost(Failure(ConnectionDone()))
        return True


def stay(transport):
    """Have a connection read as Twisted does, from now on."""
    with suppress(AttributeError):  # touching its __dict__ would cost memory
        del transport.doRead


def path_of(target):
    """Return the path that the application will see of a request's target."""
    return unquote(target.partition(b"?")[0].decode("latin1"))


def path_in(head):
    """Return the path of a request of which these are the first bytes, or None when
    they do not say it."""
    line, is_whole, _rest = head.partition(b"\r\n")
    parts = line.split(b" ")
    return path_of(parts[1]) if is_whole and len(parts) == 3 else None


def adopt(server, descriptor):
    """Go on with a connection that another process handed on."""
    from twisted.internet import reactor  # noqa: PLC0415 - Daphne chose which

    with socket.socket(fileno=descriptor) as line, suppress(OSError):  # it may be over
        reactor.adoptStreamConnection(line.fileno(), line.family, server.http_factory)
