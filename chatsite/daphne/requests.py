"""Requests in bounded memory, however long their bodies and answers are."""

import asyncio
import io
import math

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web.http import _GenericHTTPChannelProtocol

from chatsite.daphne.bodies import (
    BODY_CHUNK_BYTES,
    Coming,
    StoredBody,
    body_event,
)
from chatsite.daphne.gate import Gate
from chatsite.daphne.moving import ChatChannel, path_of
from chatsite.daphne.unread import Unread, is_plain_tcp

KEPT_BYTES = 1024 * 1024  # of a body: longer ones wait on the disk
ALL_KEPT_BYTES = 32 * KEPT_BYTES  # of all bodies at a time
REFUSED_SECONDS = 10.0  # for a sender to see the refusal, before the line is cut
STALLED_SECONDS = 600.0  # for a reader to take what is sent: a paused film waits too


class ChatRequest(WebRequest):
    """A request whose body stays on disk, unless it is short or the application takes
    it while it comes (unread, where that can be), and whose response waits for its
    reader."""

    gate = None
    stored = None
    coming = unread = None
    most = math.inf  # bytes of the body
    received = 0
    is_refused = has_begun = is_answered = is_whole = False
    body = None  # while it comes, of one that is kept in memory
    kept = 0  # bytes of it that are counted in `all_kept`
    all_kept = 0  # of all requests

    def __init__(self, *arguments, **options):
        options["parsePOSTFormSubmission"] = False
        super().__init__(*arguments, **options)

    def gotLength(self, length):  # noqa: N802
        super().gotLength(length)
        if length == 0:
            return
        self.requestHeaders.removeHeader(b"upgrade")  # a handshake has no body
        path = path_of(self.channel._path)
        self.most = self.server.most_bytes(path)
        if (length or 0) > self.most:
            self._refuse(length)
        elif length and length <= self._kept_bytes(path):
            self._keep_in_memory(length)
        elif self.server.takes_while_it_comes(path):
            self.coming = Coming(self.channel._networkProducer)
            if length and is_plain_tcp(self.channel.transport):
                self.unread = Unread(self.channel, self.coming.receive)
            self._begin()

    def _kept_bytes(self, path):
        """How long a body may be that is read before the application is asked."""
        return (
            BODY_CHUNK_BYTES if self.server.takes_while_it_comes(path) else KEPT_BYTES
        )

    def _keep_in_memory(self, length):
        """Spare the disk a body that is short, while there are not too many of them."""
        if ChatRequest.all_kept + length <= ALL_KEPT_BYTES:
            self.body = bytearray(length)  # at once: growing it would copy it often
            self.kept = length
            ChatRequest.all_kept += length

    def handleContentChunk(self, data):  # noqa: N802
        start, self.received = self.received, self.received + len(data)
        if self.coming:
            is_unread = self.unread and self.unread.is_open
            if not self.is_answered:
                (self.unread if is_unread else self.coming).add(data)
            return
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
        self.requestHeaders.setRawHeaders(b"content-length", [b"%d" % length])
        self._be_done_soon()
        self._begin()

    def _be_done_soon(self):
        """Answer no other request on this connection, nor wait long for the rest."""
        self.channel.persistent = False
        asyncio.get_running_loop().call_later(REFUSED_SECONDS, self._cut)

    def _begin(self):
        """Let the application work before the body is whole."""
        self.has_begun = True
        self.content.close()
        self.content = io.BytesIO()
        channel = self.channel
        super().requestReceived(channel._command, channel._path, channel._version)

    def requestReceived(self, command, path, version):  # noqa: N802
        if self.body is not None:
            self.content.close()
            self.content = io.BytesIO(self.body)
            self.body = None
        if not self.has_begun:
            super().requestReceived(command, path, version)
            return
        self.is_whole = True
        if self.is_answered:
            self.finish()
        elif self.coming:
            self.coming.end(body_event(b"", more_body=False))

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

    def body_for(self, events):
        """Hide the body from Daphne, which would queue all of it; return the ASGI
        `receive`, and the extensions that offer the body otherwise."""
        if self.unread:
            return self.unread.receive, {"http.request.unread": self.unread}
        if self.coming:
            return self.coming.receive, {}
        self.stored, self.content = self.content, io.BytesIO()
        stored = StoredBody(self.stored, events)
        return stored.receive, {"http.request.file": self.stored}

    async def until_its_end(self, application):
        """Run an application. One that has nothing to answer knows that its sender has
        gone, which Twisted does not while it does not read."""
        try:
            await application
        except BaseException:
            if self.unread:
                self.unread.release()
            raise
        if self.unread and not self._response_started:
            self._cut()

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
        if self.unread:
            self.unread.release()
        if self.has_begun and not self.is_whole:
            self._throw_away_the_rest()
            return
        if self.gate:
            self.unregisterProducer()
        self._close()
        if self.responseHeaders.getRawHeaders(b"connection") == [b"close"]:
            self.channel.persistent = False
        super().finish()

    def _throw_away_the_rest(self):
        self.is_answered = True
        if self.coming:
            self._be_done_soon()
            self.coming.discard()

    def connectionLost(self, reason):  # noqa: N802
        if self.unread:
            self.unread.close()
        if self.coming:
            self.coming.end({"type": "http.disconnect"})
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
    def protocol(self):
        return _GenericHTTPChannelProtocol(ChatChannel())

    def buildProtocol(self, addr):  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = ChatRequest
        return protocol
