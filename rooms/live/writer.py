"""Group commit: what comes while a commit runs is committed together by the next."""

import asyncio
import contextlib
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)

TOGETHER = 128
MOST_WAITING = 4096


class Busy(Exception):
    """It cannot be committed now: too much waits, or the database is away."""


class Writer:
    """Commits drafts in one thread of its own.

    `commit(drafts) -> answers` is a plain function: one answer per draft, in order.
    When it raises for several, each is tried alone, so that a poisoned one fails alone;
    Busy is no draft's fault, and is everybody's answer. At most `together` go at once:
    those that come within `seconds` of the first.
    """

    def __init__(self, commit, *, seconds=0.0, together=None):
        self.commit = commit
        self.seconds, self.together = seconds, together
        self._waiting = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._task = None

    async def write(self, draft):
        """Return the answer to a draft once it is committed. Raises Busy."""
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self._waiting.append((draft, answer))
        if self._task is None:
            self._task = loop.create_task(self._write_waiting())
        return await answer

    async def write_gladly(self, draft):
        """Write what may be lost when there is no time for it."""
        with contextlib.suppress(Exception):
            await self.write(draft)

    async def finish(self):
        """Wait until nothing waits."""
        while self._task:
            await asyncio.wait([self._task])

    def stop(self):
        self._thread.shutdown(wait=True)

    async def _write_waiting(self):
        try:
            while self._waiting:
                if self.seconds:
                    await asyncio.sleep(self.seconds)
                count = min(self.together or TOGETHER, len(self._waiting))
                await self._write([self._waiting.popleft() for _ in range(count)])
        finally:
            self._task = None

    async def _write(self, pairs):
        try:
            answers = await self._in_thread([draft for draft, _answer in pairs])
        except Busy as busy:
            for _draft, future in pairs:
                settle(future, error=busy)
            return
        except Exception as error:
            if len(pairs) > 1:
                for pair in pairs:
                    await self._write([pair])
            else:
                logger.exception("writer: a draft failed")
                settle(pairs[0][1], error=error)
            return
        for (_draft, future), answer in zip(pairs, answers, strict=True):
            settle(future, answer)

    def _in_thread(self, drafts):
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, self.commit, drafts)


def settle(future, answer=None, *, error=None):
    """Answer who still waits; a socket that went away does not."""
    if future.done():
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(answer)
