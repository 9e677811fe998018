"""The server of the process that takes uploads: see `chatsite.upload_process`.

python -m chatsite.upload_server END: the number of an open socket, which leads to the
process of the chat. It ends with that process, once it has done what it was asked.
"""

from chatsite import server  # isort: skip - sets the event loop before Daphne comes

import socket
import sys

from chatsite.daphne import MendedServer, adopt
from chatsite.line import Line
from chatsite.memory import collect_seldom
from chatsite.upload_process import TAKEN

READING = {"GET", "HEAD"}
MISDIRECTED = 421  # RFC 9110, 15.5.20


class UploadServer(MendedServer):
    """Listens nowhere: connections are brought by `chat`, and others go back there."""

    def __init__(self, application, chat, **options):
        super().__init__(application, elsewhere=chat, endpoints=["none"], **options)
        self.endpoints = []
        self._chat = chat

    def run(self):
        from twisted.internet import reactor  # noqa: PLC0415 - Daphne chose which

        reactor.callLater(0, self._begin)
        super().run()

    def _begin(self):
        self.http_factory.doStart()  # as its first port would
        self._chat.connect(self)


class UploadsOnly:
    """An ASGI application for uploads, and for reading what comes with them because a
    connection could not move, as with requests that do not wait for answers. Who wants
    to write is sent away, to ask on another connection: rates are counted elsewhere."""

    def __init__(self, application, is_upload):
        self.application, self.is_upload = application, is_upload

    async def __call__(self, scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif self.is_upload(scope["path"]) or scope["method"] in READING:
            await self.application(scope, receive, send)
        else:
            headers = [(b"connection", b"close"), (b"content-length", b"0")]
            start = {"type": "http.response.start", "headers": headers}
            await send(start | {"status": MISDIRECTED})
            await send({"type": "http.response.body"})


class ChatProcess:
    """The process of the chat, at the other end of a socket."""

    def __init__(self, end, *, is_upload):
        self._end, self._is_upload = end, is_upload
        self._line = None
        self._is_ending = False

    def connect(self, upload_server):
        """Serve what it brings, until it ends."""
        from rooms import live  # noqa: PLC0415 - needs django.setup()

        def take(descriptor):
            self._line.say(TAKEN, ())
            adopt(upload_server, descriptor)

        def ended():
            if not self._is_ending:
                self._is_ending = True
                upload_server.stop()

        self._line = Line(self._end, adopt=take, ended=ended)
        live.relay_to(self._line.say)

    def serves(self, path):
        return not self._is_upload(path)

    def take(self, connection):
        return self._line.take(connection)

    async def end(self):
        """Take no more from it, and have it know that."""
        if not self._is_ending:
            self._is_ending = True
            self._line.hang_up()


def main(number):
    server.set_up()
    from chatsite import asgi  # noqa: PLC0415
    from rooms import live  # noqa: PLC0415

    end = socket.socket(fileno=int(number))
    collect_seldom()
    UploadServer(
        UploadsOnly(asgi.http_application, asgi.takes_while_it_comes),
        ChatProcess(end, is_upload=asgi.takes_while_it_comes),
        finish=live.finish,
        most_bytes=asgi.most_bytes,
        takes_while_it_comes=asgi.takes_while_it_comes,
        server_name="",
    ).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
