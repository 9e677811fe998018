"""One connected browser: its outbox and its place in the order of changes."""

import asyncio
import contextvars
import itertools
import logging
import time
from collections import deque

from rooms.live.frames import Batch, Frame, merge

logger = logging.getLogger(__name__)

OUTBOX_BYTES = 1024 * 1024
OUTBOX_SECONDS = 15.0
JOINED_BYTES = 128 * 1024  # a frame of waiting changes grows no more beyond this
TOO_SLOW = 4408

NOTHING = ()  # an empty deque would take 600 bytes of every idle socket
numbers = itertools.count(1)


class Socket:
    """Frames wait here when their reader is busy, so that no reader makes another wait.

    `last` is the change number this browser has been sent, None before it resumed.
    `write` and `hang_up` are coroutine functions of the connection. `prebuilt`, where
    the server offers it, takes bytes for the wire at once: `write(bytes)` is False when
    the reader is behind, `drained()` waits until it is not; `is_ready()` says whether
    bytes would go to the kernel at once, `write_to_all(prebuilts, bytes)` sends them to
    many of which that is true.
    """

    __slots__ = (
        "_bytes",
        "_task",
        "_waiting",
        "close_code",
        "hang_up",
        "heard_at",
        "language",
        "last",
        "member_id",
        "number",
        "person",
        "prebuilt",
        "room_id",
        "session",
        "write",
    )

    def __init__(
        self,
        write,
        hang_up,
        *,
        member_id,
        person,
        language,
        session=None,
        prebuilt=None,
    ):
        self.write = write
        self.hang_up = hang_up
        self.prebuilt = prebuilt
        self.member_id = member_id
        self.person = person  # (public id, name), as presence tells it
        self.language = language
        self.session = session  # whatever `ended_sessions` understands
        self.room_id = None  # until it joined one
        self.number = next(numbers)
        self.last = None
        self.heard_at = time.monotonic()
        self.close_code = None
        self._waiting = NOTHING
        self._bytes = 0
        self._task = None

    @property
    def is_open(self):
        return self.close_code is None

    @property
    def is_behind(self):
        return bool(self._waiting)

    def is_ready(self):
        """Whether a frame would be on its way at once: see `deliver_at_once`."""
        return (
            self.prebuilt is not None
            and self.close_code is None
            and not self._waiting
            and self.prebuilt.is_ready()
        )

    def is_stuck(self, now):
        """Whether something has waited for this reader for too long."""
        return bool(self._waiting) and now - self._waiting[0][2] > OUTBOX_SECONDS

    def send(self, text):
        """Send one frame now, or as soon as the reader is ready for it."""
        text = text if isinstance(text, Frame) else Frame(text)
        self._send(text, text)

    def deliver(self, batch, text):
        """Send changes, of which `text` is the frame; those that wait are joined."""
        self.last = batch.last
        self._send(batch, text)

    def close(self, code, *, after_frames=False):
        """Send nothing more (or only what waits already), then hang up with `code`."""
        if not self.is_open:
            return
        self.close_code = code
        if not after_frames:
            self._forget_waiting()
        self._work()

    def forget(self):
        """The connection is gone: stop writing."""
        self.close_code = self.close_code or 1000
        self._forget_waiting()

    def _send(self, item, text):
        if self.close_code is not None:
            return
        if self.prebuilt and not self._waiting:
            try:
                if self.prebuilt.write(text.wire):
                    return
            except Exception as error:  # each server has its own "already gone"
                return self._gone(error)
        if not self._waiting:
            self._waiting = deque()  # of (Frame or Batch, its bytes, since when)
        size = len(text.wire)
        self._waiting.append((item, size, time.monotonic()))
        self._bytes += size
        if self._bytes > OUTBOX_BYTES:
            self.close(TOO_SLOW)
        self._work()

    def _gone(self, error):
        logger.debug("socket %d ended while writing: %r", self.number, error)
        self._task = None
        self.forget()

    def _forget_waiting(self):
        self._waiting = NOTHING
        self._bytes = 0
        if self._task:
            self._task.cancel()
            self._task = None

    def _work(self):
        if self._task is None:
            loop = asyncio.get_running_loop()
            context = contextvars.Context()
            self._task = loop.create_task(self._write_waiting(), context=context)

    async def _write_waiting(self):
        try:
            while self._waiting:
                if self.prebuilt:
                    await self.prebuilt.drained()
                    self.prebuilt.write(self._next().wire)
                else:
                    await self.write(self._next())
            if not self.is_open:
                await self.hang_up(self.close_code)
        except Exception as error:
            self._gone(error)
        self._task = None
        if self._waiting:
            self._work()

    def _next(self):
        """Take the next frame out; neighbouring changes become one, of bounded size."""
        item, size = self._pop()
        if not isinstance(item, Batch):
            return item
        batches = [item]
        while self._waiting and size < JOINED_BYTES:
            if not isinstance(self._waiting[0][0], Batch):
                break
            item, more = self._pop()
            batches.append(item)
            size += more
        return merge(batches).to_frame(self.language)

    def _pop(self):
        item, size, _since = self._waiting.popleft()
        self._bytes -= size
        return item, size


def deliver_at_once(sockets, batch, frame):
    """Send changes to sockets that are all ready, before anything else happens."""
    for socket in sockets:
        socket.last = batch.last
    prebuilts = [socket.prebuilt for socket in sockets]
    prebuilts[0].write_to_all(prebuilts, frame.wire)
