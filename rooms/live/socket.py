"""One connected browser: its outbox and its place in the order of changes."""

import asyncio
import itertools
import logging
import time
from collections import deque

logger = logging.getLogger(__name__)

OUTBOX_BYTES = 1024 * 1024
TOO_SLOW = 4408

numbers = itertools.count(1)


class Socket:
    """Frames wait here, so that no reader makes another wait.

    `last` is the change number this browser has been sent, None before it resumed.
    `write` and `hang_up` are coroutine functions of the connection.
    """

    def __init__(self, write, hang_up, *, member_id, person, language):
        self.write = write
        self.hang_up = hang_up
        self.member_id = member_id
        self.person = person  # (public id, name), as presence tells it
        self.language = language
        self.number = next(numbers)
        self.last = None
        self.heard_at = time.monotonic()
        self.close_code = None
        self._frames = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._writer = asyncio.create_task(self._write_frames())

    @property
    def is_open(self):
        return self.close_code is None

    def send(self, text):
        """Queue one frame; close the socket when its reader is too slow."""
        if not self.is_open:
            return
        self._frames.append(text)
        self._bytes += len(text)
        if self._bytes > OUTBOX_BYTES:
            self.close(TOO_SLOW)
        self._wake.set()

    def close(self, code, *, after_frames=False):
        """Send nothing more (or only what waits already), then hang up with `code`."""
        if not self.is_open:
            return
        self.close_code = code
        if not after_frames:
            self._frames.clear()
        self._wake.set()

    def forget(self):
        """The connection is gone: stop writing."""
        self.close_code = self.close_code or 1000
        self._writer.cancel()

    async def _write_frames(self):
        try:
            while self.is_open or self._frames:
                await self._wake.wait()
                self._wake.clear()
                while self._frames:
                    text = self._frames.popleft()
                    self._bytes -= len(text)
                    await self.write(text)
            await self.hang_up(self.close_code)
        except Exception as error:  # each server has its own "already gone"
            logger.debug("socket %d ended while writing: %r", self.number, error)
