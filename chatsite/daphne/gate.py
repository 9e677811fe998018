"""A producer, by Twisted's name, that others can wait for."""

import asyncio

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


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
