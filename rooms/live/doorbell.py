"""This process's one ear and mouth on the channel layer.

It may lose, double or delay anything, and be down: that costs time, never a message.
"""

import asyncio
import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

LAYER_SECONDS = 5.0


class Doorbell:
    def __init__(self, name, *, is_alone):
        self.name = name
        self.is_alone = is_alone  # no other process could hear
        self.is_degraded = False
        self._layer = get_channel_layer()
        self._channel = None

    async def listen(self, hear, rooms):
        """Pass others' messages to `hear` for ever; first subscribe the open rooms."""
        if self._channel is None:
            self._channel = await self._layer.new_channel("hub")
            for room in rooms():
                await self.subscribe(room)
        while True:
            message = await self._layer.receive(self._channel)
            if message["origin"] != self.name:
                hear(message)

    async def send(self, room, type_, **fields):
        """Tell the other processes that have the room open."""
        if not self.is_alone:
            message = {"type": type_, "room": room.id, "origin": self.name, **fields}
            await self._bounded(self._layer.group_send(room.group, message))

    async def subscribe(self, room):
        if self._channel:
            await self._bounded(self._layer.group_add(room.group, self._channel))

    async def unsubscribe(self, room):
        if self._channel:
            await self._bounded(self._layer.group_discard(room.group, self._channel))

    def failed(self, error):
        if not self.is_degraded:
            logger.warning("live: the channel layer fails (%r); polling", error)
        self.is_degraded = True

    async def _bounded(self, call):
        try:
            async with asyncio.timeout(LAYER_SECONDS):  # wait_for may lose a cancel
                await call
            self.is_degraded = False
        except Exception as error:
            self.failed(error)
