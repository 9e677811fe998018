"""Daphne mended: what `chatsite.server` runs.

Stock Daphne parses form bodies in memory, hands a whole body to the application, and
buffers without limit what a slow reader does not take; it ends without a word to open
sockets. Here memory is bounded, a stop is told (close code 1012), and sockets offer the
ASGI extension `websocket.prebuilt`. The application does not depend on any of this:
plain Daphne and other ASGI servers run it as well. Written against Daphne 4.2 and the
Twisted and autobahn it brings.
"""

import asyncio
import contextlib
import io
import math
from urllib.parse import unquote

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chatsite.sending import send_now

BODY_CHUNK_BYTES = 64 * 1024
KEPT_BYTES = 1024 * 1024  # of a body: longer ones wait on the disk
ALL_KEPT_BYTES = 32 * KEPT_BYTES  # of all bodies at a time
REFUSED_SECONDS = 10.0  # for a sender to see the refusal, before the line is cut
STALLED_SECONDS = 600.0  # for a reader to take what is sent: a paused film waits too
FINISH_SECONDS = 5.0
GOODBYE_SECONDS = 0.5
STATE_OPEN = WebSocketProtocol.STATE_OPEN
SERVICE_RESTART = 1012  # IANA's registry of WebSocket close codes


@implementer(IPushProducer)
class Gate:
    """Shut while the transport has more to send than the reader takes."""

    __slots__ = ("_opened", "is_open")

    def __init__(self):
        self.is_open = True
        self._opened = None  # an event, once somebody waits: there is a gate per socket

    def pauseProducing(self):  # noqa: N802 - Twisted's names
        self.is_open = False

    def resumeProducing(self):  # noqa: N802
        self.is_open = True
        if self._opened:
            self._opened.set()
            self._opened = None

    stopProducing = resumeProducing  # noqa: N815 - whoever waits shall see the end

    async def wait(self):
        while not self.is_open:
            self._opened = self._opened or asyncio.Event()
            await self._opened.wait()


class Prebuilt(Gate):
    """The extension `websocket.prebuilt`: frames that are bytes for the wire already.

    Twisted's own way costs a turn of the loop for each send; while nothing waits, the
    kernel takes the bytes directly.
    """

    __slots__ = ("descriptor", "protocol", "transport")

    def __init__(self, protocol):
        super().__init__()
        self.protocol = protocol
        self.transport = protocol.transport
        self.descriptor = self.transport.fileno()  # its own while it is connected
        self.transport.unregisterProducer()  # the HTTP channel before the upgrade
        self.transport.registerProducer(self, True)

    def write(self, wire):
        """Send bytes and return True; False, without sending, while the reader is
        behind. Bytes for a connection that closes are dropped: it resumes elsewhere."""
        if not self.is_open:
            return False
        transport = self.transport
        if not transport.connected or self.protocol.state != STATE_OPEN:
            return True
        if transport.dataBuffer or transport._tempDataBuffer:
            transport.write(wire)
            return True
        try:
            sent = send_now(self.descriptor, wire)
        except OSError:
            return True  # the transport notices by itself
        if sent < len(wire):
            transport.write(wire[sent:])
        return True

    async def drained(self):
        """Wait until the reader has caught up (or is gone)."""
        await self.wait()


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


def path_of(target):
    """Return the path that the application will see of a request's target."""
    return unquote(target.partition(b"?")[0].decode("latin1"))


class ChatRequest(WebRequest):
    """A request whose body stays on disk, unless it is short, and whose response waits
    for its reader."""

    gate = None
    stored = None
    most = math.inf  # bytes of the body
    received = 0
    is_refused = is_answered = is_whole = False
    body = None  # while it comes, of one that is kept in memory
    kept = 0  # bytes of it that are counted in `all_kept`
    all_kept = 0  # of all requests

    def __init__(self, *arguments, **options):
        options["parsePOSTFormSubmission"] = False
        super().__init__(*arguments, **options)

    def gotLength(self, length):  # noqa: N802
        super().gotLength(length)
        self.most = self.server.most_bytes(path_of(self.channel._path))
        if (length or 0) > self.most:
            self._refuse(length)
        elif length and length <= KEPT_BYTES:
            self._keep_in_memory(length)

    def _keep_in_memory(self, length):
        """Spare the disk a body that is short, while there are not too many of them."""
        if ChatRequest.all_kept + length <= ALL_KEPT_BYTES:
            self.body = bytearray(length)  # at once: growing it would copy it often
            self.kept = length
            ChatRequest.all_kept += length

    def handleContentChunk(self, data):  # noqa: N802
        start, self.received = self.received, self.received + len(data)
        if self.received > self.most and not self.is_refused:
            self._refuse(self.received)
        if self.body is not None:
            self.body[start : self.received] = data
        elif not self.is_refused:
            super().handleContentChunk(data)

    def _refuse(self, length):
        """Let the application say no at once, by the length; the rest of the body is
        thrown away, for who is cut off while sending may never see the answer."""
        self.is_refused = True
        self.content.close()
        self.content = io.BytesIO()
        self.requestHeaders.setRawHeaders(b"content-length", [b"%d" % length])
        self.channel.persistent = False
        asyncio.get_running_loop().call_later(REFUSED_SECONDS, self._cut)
        channel = self.channel
        super().requestReceived(channel._command, channel._path, channel._version)

    def requestReceived(self, command, path, version):  # noqa: N802
        if self.body is not None:
            self.content.close()
            self.content = io.BytesIO(self.body)
            self.body = None
        if not self.is_refused:
            super().requestReceived(command, path, version)
            return
        self.is_whole = True
        if self.is_answered:
            self.finish()

    def _cut(self):
        if getattr(self, "channel", None) is not None:  # Twisted deletes it at the end
            self.channel.transport.abortConnection()

    def handle_exception(self, exception):
        """Cut an answer that had begun: its reader must see that it is not whole."""
        if self.finished or getattr(self, "channel", None) is None:
            return
        if self._response_started:
            self.channel.transport.abortConnection()
        else:
            super().handle_exception(exception)

    def store_body(self, events):
        """Hide the body from Daphne, which would queue all of it; return its reader."""
        self.stored, self.content = self.content, io.BytesIO()
        return StoredBody(self.stored, events)

    def open_gate(self):
        """Have the transport say when it has enough, and when it wants more."""
        if self.gate is None and self.channel is not None:
            self.gate = Gate()
            self.registerProducer(self.gate, True)

    async def wait_for_reader(self):
        """Wait until the transport wants more; who took nothing for long is cut, and
        may ask for the rest."""
        if self.gate.is_open:
            return
        try:
            async with asyncio.timeout(STALLED_SECONDS):
                await self.gate.wait()
        except TimeoutError:
            self._cut()

    def finish(self):
        if self.is_refused and not self.is_whole:
            self.is_answered = True
            return
        if self.gate:
            self.unregisterProducer()
        self._close()
        super().finish()

    def connectionLost(self, reason):  # noqa: N802
        self._close()
        super().connectionLost(reason)

    def _close(self):
        ChatRequest.all_kept -= self.kept
        self.kept, self.body = 0, None
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


class MendedServer(daphne.server.Server):
    """Daphne's server, with back-pressure both ways and an orderly end.

    `finish` is a coroutine function: what the application wants done before sockets are
    closed, such as acknowledging what it was handed. `most_bytes(path)` says how long a
    body may be: a longer one reaches the application empty, as soon as that is known.
    """

    def __init__(self, application, *, finish, most_bytes=None, **options):
        super().__init__(application, **options)
        self.finish = finish
        self.most_bytes = most_bytes or (lambda path: math.inf)

    def create_application(self, protocol, scope):
        application = self.application
        if scope["type"] == "http":

            def wrapped(scope, receive, send):
                body = protocol.store_body(receive.__self__)
                scope.setdefault("extensions", {})["http.request.file"] = body.content
                return application(scope=scope, receive=body.receive, send=send)

        else:
            scope.setdefault("extensions", {})["websocket.prebuilt"] = Prebuilt(
                protocol
            )
            wrapped = application
        self.application = wrapped
        try:
            return super().create_application(protocol, scope)
        finally:
            self.application = application

    async def handle_reply(self, protocol, message):
        if message.get("more_body") and isinstance(protocol, ChatRequest):
            protocol.open_gate()
        await super().handle_reply(protocol, message)
        if message.get("more_body") and getattr(protocol, "gate", None):
            await protocol.wait_for_reader()

    def kill_all_applications(self):
        """Finish, tell open sockets of the restart, let requests come to their end
        for a while, then end what still runs."""
        return Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self):
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.finish(), FINISH_SECONDS)
        sockets = [p for p in self.connections if isinstance(p, WebSocketProtocol)]
        for protocol in sockets:
            if protocol.state == protocol.STATE_OPEN:
                protocol.sendCloseFrame(code=SERVICE_RESTART, isReply=False)
        if sockets:
            await asyncio.sleep(GOODBYE_SECONDS)
        if requests := self._applications(ChatRequest):
            await asyncio.wait(requests, timeout=FINISH_SECONDS)
        running = self._applications()
        for application in running:
            application.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _applications(self, kind=object):
        """The applications that run for connections of a kind."""
        return [
            details["application_instance"]
            for protocol, details in self.connections.items()
            if isinstance(protocol, kind) and "application_instance" in details
        ]
