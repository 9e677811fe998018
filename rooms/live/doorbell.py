"""This process's one ear and mouth on the channel layer.

It may lose, double or delay anything, and be down: that costs time, never a message.
"""

import asyncio
import logging

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

LAYER_SECONDS = 5.0
EVERY_HUB = "hubs"


class Doorbell:
    """`on_recovery()` is called when the layer works again after it failed."""

    def __init__(self, name, *, is_alone, on_recovery=lambda: None):
        self.name = name
        self.on_recovery = on_recovery
        self.is_alone = is_alone  # no other process could hear
        self.is_degraded = False
        self._layer = get_channel_layer()
        self._channel = None

    async def listen(self, hear, groups):
        """Pass others' messages to `hear` for ever; first subscribe to groups."""
        try:
            if self._channel is None:
                self._channel = await self._layer.new_channel("hub")
                await self.resubscribe(groups)
            while True:
                message = await self._layer.receive(self._channel)
                if message["origin"] != self.name:
                    hear(message)
        except Exception as error:
            self.failed(error)
            raise

    async def send(self, room, type_, **fields):
        """Tell the other processes that have the room open."""
        await self._send(room.group, type_, room=room.id, **fields)

    async def send_to_all(self, type_):
        """Tell all other processes."""
        await self._send(EVERY_HUB, type_)

    async def subscribe(self, group):
        if self._channel:
            await self._bounded(self._layer.group_add(group, self._channel))

    async def resubscribe(self, groups):
        """Subscribe to these and to what is told to all; harmless when repeated."""
        for group in [EVERY_HUB, *groups]:
            await self.subscribe(group)

    async def unsubscribe(self, group):
        if self._channel:
            await self._bounded(self._layer.group_discard(group, self._channel))

    async def _send(self, group, type_, **fields):
        if not self.is_alone:
            message = {"type": type_, "origin": self.name, **fields}
            await self._bounded(self._layer.group_send(group, message))

    def _worked(self):
        was_degraded, self.is_degraded = self.is_degraded, False
        if was_degraded:
            self.on_recovery()

    def failed(self, error):
        if not self.is_degraded:
            logger.warning("live: the channel layer fails (%r); polling", error)
        self.is_degraded = True

    async def _bounded(self, call):
        try:
            async with asyncio.timeout(LAYER_SECONDS):  # wait_for may lose a cancel
                await call
            self._worked()
        except Exception as error:
            self.failed(error)
