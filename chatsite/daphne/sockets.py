"""Sockets in bounded memory, however fast their browsers send."""

import asyncio
from collections import deque

MOST_WAITING = 32  # frames for the application, before no more are read
FEW_WAITING = 8
NOTHING = ()  # an empty deque would take 600 bytes of every idle socket


class Inbox:
    """The events of one socket, for the one task that takes them.

    In place of the `asyncio.Queue` that Daphne makes, which takes several KiB of every
    idle socket and grows without limit: the socket is read no faster than the
    application takes its frames.
    """

    __slots__ = ("_arrival", "_events", "_is_held", "_transport")

    def __init__(self, transport):
        self._transport = transport
        self._events = NOTHING
        self._arrival = None  # a future, while the application waits
        self._is_held = False

    def put_nowait(self, event):
        """Add an event; the name by which Daphne does."""
        self._events = self._events or deque()
        self._events.append(event)
        if self._arrival and not self._arrival.done():
            self._arrival.set_result(None)
        if not self._is_held and len(self._events) >= MOST_WAITING:
            self._is_held = True
            self._transport.pauseProducing()

    async def get(self):
        """Wait for the next event; ASGI's `receive`."""
        while not self._events:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        event = self._events.popleft()
        if self._is_held and len(self._events) <= FEW_WAITING:
            self._is_held = False
            self._transport.resumeProducing()
        self._events = self._events or NOTHING
        return event
