"""Daphne's server itself: what its requests and sockets are, and how it ends."""

import asyncio
import contextlib
import math

import daphne.server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred

from chatsite.daphne.prebuilt import Prebuilt
from chatsite.daphne.receiving import ChatSocketFactory
from chatsite.daphne.requests import ChatHTTPFactory, ChatRequest
from chatsite.daphne.sockets import Inbox

FINISH_SECONDS = 5.0
GOODBYE_SECONDS = 0.5
SERVICE_RESTART = 1012  # IANA's registry of WebSocket close codes

# The names by which Server.run makes them:
daphne.server.HTTPFactory = ChatHTTPFactory
daphne.server.WebSocketFactory = ChatSocketFactory


class MendedServer(daphne.server.Server):
    """Daphne's server, with back-pressure both ways and an orderly end.

    `finish` is a coroutine function: what the application wants done before sockets are
    closed, such as acknowledging what it was handed. `most_bytes(path)` says how long a
    body may be: a longer one reaches the application empty, as soon as that is known.
    Where `takes_while_it_comes(path)`, the application is given a long body while it
    comes, no faster than it takes it, and otherwise once it is whole.

    `elsewhere`, if there is another process for some addresses: `serves(path)` says for
    which, `take(socket)` hands a connection to it, if it returns True, and the
    coroutine function `end()` waits until it has ended, but not for long.
    """

    def __init__(
        self,
        application,
        *,
        finish,
        most_bytes=lambda path: math.inf,
        takes_while_it_comes=lambda path: False,
        elsewhere=None,
        **options,
    ):
        super().__init__(application, **options)
        self.finish = finish
        self.most_bytes = most_bytes
        self.takes_while_it_comes = takes_while_it_comes
        self.elsewhere = elsewhere
        self.ports = []

    def listen_success(self, port):
        super().listen_success(port)
        self.ports.append(port)

    def create_application(self, protocol, scope):
        application, inbox = self.application, None
        if scope["type"] == "http":

            def wrapped(scope, receive, send):
                receive, extensions = protocol.body_for(receive.__self__)
                scope.setdefault("extensions", {}).update(extensions)
                running = application(scope=scope, receive=receive, send=send)
                return protocol.until_its_end(running)

        else:
            extensions = scope.setdefault("extensions", {})
            extensions["websocket.prebuilt"] = Prebuilt(protocol)
            inbox = Inbox(protocol.transport)

            def wrapped(scope, receive, send):
                return application(scope=scope, receive=inbox.get, send=send)

        self.application = wrapped
        try:
            queue = super().create_application(protocol, scope)
        finally:
            self.application = application
        return inbox or queue

    async def handle_reply(self, protocol, message):
        if message.get("more_body") and isinstance(protocol, ChatRequest):
            protocol.open_gate()
        await super().handle_reply(protocol, message)
        if message.get("more_body") and getattr(protocol, "gate", None):
            await protocol.wait_for_reader()

    def kill_all_applications(self):
        """Take in nobody else, finish, tell open sockets of the restart, let requests
        come to their end for a while, then end what still runs."""
        return Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self):
        for port in self.ports:
            port.stopListening()
        elsewhere = asyncio.ensure_future(self._end_elsewhere())
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.finish(), FINISH_SECONDS)
        for _round in range(2):  # some were about to open
            if self._tell_restart():
                await asyncio.sleep(GOODBYE_SECONDS / 2)
        if requests := self._applications(ChatRequest):
            await asyncio.wait(requests, timeout=FINISH_SECONDS)
        await elsewhere
        running = self._applications()
        for application in running:
            application.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _end_elsewhere(self):
        elsewhere, self.elsewhere = self.elsewhere, None
        if elsewhere:
            await elsewhere.end()

    def _tell_restart(self):
        """Begin to close open sockets; return whether there are any."""
        sockets = [p for p in self.connections if isinstance(p, WebSocketProtocol)]
        for protocol in sockets:
            if protocol.state == protocol.STATE_OPEN:
                protocol.sendCloseFrame(code=SERVICE_RESTART, isReply=False)
        return bool(sockets)

    def _applications(self, kind=object):
        """The applications that run for connections of a kind."""
        return [
            details["application_instance"]
            for protocol, details in self.connections.items()
            if isinstance(protocol, kind) and "application_instance" in details
        ]
