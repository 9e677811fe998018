"""Many browsers that talk, while something goes wrong."""

import asyncio
import time

from tests.faults.browser import Browser
from tests.faults.ledger import CLEAN, Ledger

EQUAL_SECONDS = 15  # after the last fault: the promise
PATIENCE_SECONDS = 90  # on a busy machine
RUN_SECONDS = 1800


class Crowd:
    def __init__(self, site, dice, *, make_browser=Browser):
        self.site, self.dice, self.make_browser = site, dice, make_browser
        self.ledger = Ledger()
        self.body = "What is written does not matter here"
        self.browsers = []
        self._tasks = []

    async def gather(self, rooms, members, addresses=None):
        """Bring the members of new rooms online; return their browsers."""
        made = await asyncio.to_thread(self.site.make_members, rooms, members)
        return await self.enter(made, addresses)

    async def enter(self, members, addresses=None):
        start = len(self.browsers)
        new = [
            self.make_browser(
                f"member {number}",
                member,
                addresses or self.site.urls,
                ledger=self.ledger,
                dice=self.dice,
            )
            for number, member in enumerate(members, start)
        ]
        self.browsers += new
        self._tasks += [asyncio.create_task(browser.line.live()) for browser in new]
        await self.online(new)
        return new

    async def online(self, browsers=None):
        async with asyncio.timeout(PATIENCE_SECONDS):
            for browser in browsers or self.browsers:
                await browser.is_online.wait()

    async def leave(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def talk(self, count, seconds, browsers=None):
        """Write `count` messages at random moments within `seconds`."""
        browsers = browsers or self.browsers
        start = time.monotonic()
        moments = sorted(self.dice.random() * seconds for _ in range(count))
        for number, moment in enumerate(moments):
            await asyncio.sleep(start + moment - time.monotonic())
            browsers[number % len(browsers)].write(self.body)

    async def say(self, count, seconds, browsers=None, *, during=None, every=3):
        """Talk until all is acknowledged, with the fault `during` again and again."""
        work = asyncio.create_task(self._say(count, seconds, browsers))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=every)
                if during and not work.done():
                    await during()
            await work
        finally:
            work.cancel()

    async def _say(self, count, seconds, browsers):
        await self.talk(count, seconds, browsers)
        await self.outboxes_empty(RUN_SECONDS)

    async def outboxes_empty(self, seconds=PATIENCE_SECONDS):
        await self.until(
            lambda: not any(browser.delivery.outbox for browser in self.browsers),
            seconds,
        )

    async def until(self, true, seconds=PATIENCE_SECONDS):
        async with asyncio.timeout(seconds):
            while not true():
                self._raise_failures()
                await asyncio.sleep(0.01)

    async def verdict(self, seconds=PATIENCE_SECONDS):
        """Return the verdict once it is clean, or the one after so many seconds, and
        how long that took."""
        start = time.monotonic()
        while True:
            self._raise_failures()
            stored = await asyncio.to_thread(self.site.stored)
            found, took = self.ledger.verdict(stored), time.monotonic() - start
            if found == CLEAN or took > seconds:
                self._report(took)
                return found, took
            await asyncio.sleep(0.2)

    def _report(self, took):
        """Say the figures of a run; shown by pytest -rP or -s."""
        receipts = sum(len(view.shown) for view in self.ledger.views.values())
        closes = sum(len(browser.line.closes) for browser in self.browsers)
        waits, delays = self.ledger.waits() or [0], self.ledger.delays() or [0]
        print(
            f"{len(self.ledger.written)} written, "
            f"{len(self.ledger.acknowledged)} acknowledged, {receipts} receipts, "
            f"{closes} connections lost; slowest acknowledgement {waits[-1]:.1f} s, "
            f"slowest receipt after it {delays[-1]:.1f} s; equal after {took:.1f} s"
        )

    def _raise_failures(self):
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
