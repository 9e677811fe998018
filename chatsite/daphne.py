"""Daphne with its memory bounded: what `chatsite.server` runs.

Stock Daphne parses form bodies in memory, hands a whole body to the application, and
buffers without limit what a slow reader does not take. The application does not
depend on any of this: plain Daphne and other ASGI servers run it as well. Written
against Daphne 4.2 and the Twisted it brings.
"""

import asyncio
import io

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

BODY_CHUNK_BYTES = 64 * 1024


@implementer(IPushProducer)
class Gate:
    """Shut while the transport has more to send than the reader takes."""

    def __init__(self):
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self):  # noqa: N802 - Twisted's names
        self._open.clear()

    def resumeProducing(self):  # noqa: N802
        self._open.set()

    stopProducing = resumeProducing  # noqa: N815 - whoever waits shall see the end

    async def wait(self):
        await self._open.wait()


class StoredBody:
    """A request's body, left in Twisted's temporary file until it is asked for."""

    def __init__(self, content, events):
        self.content = content
        self.events = events
        self.is_read = False

    async def receive(self):
        """The ASGI `receive`: the body in chunks, then the connection's own events."""
        if not self.is_read:
            chunk = b"" if self.content.closed else self.content.read(BODY_CHUNK_BYTES)
            self.is_read = len(chunk) < BODY_CHUNK_BYTES
            return {
                "type": "http.request",
                "body": chunk,
                "more_body": not self.is_read,
            }
        while (event := await self.events.get())["type"] == "http.request":
            pass  # the empty body that stood in for this one
        return event


class ChatRequest(WebRequest):
    """A request whose body stays on disk and whose response waits for its reader."""

    gate = None
    stored = None

    def __init__(self, *arguments, **options):
        options["parsePOSTFormSubmission"] = False
        super().__init__(*arguments, **options)

    def store_body(self, events):
        """Hide the body from Daphne, which would queue all of it; return its reader."""
        self.stored, self.content = self.content, io.BytesIO()
        return StoredBody(self.stored, events)

    def open_gate(self):
        """Have the transport say when it has enough, and when it wants more."""
        if self.gate is None and self.channel is not None:
            self.gate = Gate()
            self.registerProducer(self.gate, True)

    def finish(self):
        if self.gate:
            self.unregisterProducer()
        self._close()
        super().finish()

    def connectionLost(self, reason):  # noqa: N802
        self._close()
        super().connectionLost(reason)

    def _close(self):
        if self.stored:
            self.stored.close()
        if self.gate:
            self.gate.resumeProducing()


class ChatHTTPFactory(HTTPFactory):
    def buildProtocol(self, addr):  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = ChatRequest
        return protocol


daphne.server.HTTPFactory = ChatHTTPFactory  # the name by which Server.run makes it


class BoundedServer(daphne.server.Server):
    """Daphne's server, with back-pressure both ways on HTTP."""

    def create_application(self, protocol, scope):
        if scope["type"] != "http":
            return super().create_application(protocol, scope)
        application = self.application

        def with_stored_body(scope, receive, send):
            body = protocol.store_body(receive.__self__)
            return application(scope=scope, receive=body.receive, send=send)

        self.application = with_stored_body
        try:
            return super().create_application(protocol, scope)
        finally:
            self.application = application

    async def handle_reply(self, protocol, message):
        if message.get("more_body") and isinstance(protocol, ChatRequest):
            protocol.open_gate()
        await super().handle_reply(protocol, message)
        if message.get("more_body") and getattr(protocol, "gate", None):
            await protocol.gate.wait()
