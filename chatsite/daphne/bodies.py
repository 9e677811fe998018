"""Bodies of requests, as the application receives them: whole, or while they come."""

import asyncio

BODY_CHUNK_BYTES = 64 * 1024
HELD_BYTES = 2 * BODY_CHUNK_BYTES  # of one that is taken while it comes


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
            return body_event(chunk, more_body=not self.is_read)
        while (event := await self.events.get())["type"] == "http.request":
            pass  # the empty body that stood in for this one
        return event


class Coming:
    """A body that is taken while it comes; its sender is held back while much waits."""

    def __init__(self, transport):
        self._transport = transport
        self._data = b""
        self._ending = None  # the event after the data, once it is known
        self._arrival = asyncio.Event()
        self._is_held = False

    def add(self, data):
        # In one piece, however small the parts are: each may cost more than it holds.
        self._data = bytearray(self._data) + data if self._data else data
        self._arrival.set()
        if not self._is_held and len(self._data) >= HELD_BYTES:
            self._is_held = True
            self._transport.pauseProducing()

    def end(self, event):
        """This event comes after the data."""
        self._ending = event
        self._arrival.set()

    async def receive(self):
        """The ASGI `receive`: of what has come, the end, and that its sender left."""
        await self._arrival.wait()
        data, event = self._data, self._ending
        if data:
            event = body_event(bytes(data), more_body=True)
        else:
            self._ending = None
        self.discard()
        return event

    def discard(self):
        """Forget what waits, and hold nobody back for it."""
        self._data = b""
        if not self._ending:
            self._arrival.clear()
        if self._is_held:
            self._is_held = False
            self._transport.resumeProducing()


def body_event(data, *, more_body):
    return {"type": "http.request", "body": data, "more_body": more_body}
