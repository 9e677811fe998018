"""Many browsers that talk, while something goes wrong."""

import asyncio
import time

from tests.faults.browser import Browser
from tests.faults.ledger import CLEAN, Ledger

PATIENCE_SECONDS = 90  # on a busy machine


class Crowd:
    def __init__(self, site, dice, *, make_browser=Browser):
        self.site, self.dice, self.make_browser = site, dice, make_browser
        self.ledger = Ledger()
        self.body = "What is written does not matter here"
        self.browsers = []
        self.last_fault_at = None
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
        browsers = browsers or self.browsers
        await self.until(lambda: all(b.is_online.is_set() for b in browsers))

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
        """Talk, with the fault `during` again and again, until all is acknowledged."""
        talking = asyncio.create_task(self.talk(count, seconds, browsers))
        try:
            while not talking.done():
                await asyncio.wait([talking], timeout=every)
                if during and not talking.done():
                    self.last_fault_at = time.monotonic()
                    await during()
            await talking
        finally:
            talking.cancel()
        await self.outboxes_empty(PATIENCE_SECONDS + seconds)

    async def outboxes_empty(self, seconds=PATIENCE_SECONDS):
        await self.until(
            lambda: not any(browser.delivery.outbox for browser in self.browsers),
            seconds,
        )

    async def until(self, true, seconds=PATIENCE_SECONDS):
        end = time.monotonic() + seconds
        while not true():
            self._raise_failures()
            assert time.monotonic() < end, self._state()
            await asyncio.sleep(0.01)

    def _state(self):
        """Say who waits for what, and what the servers said last."""
        waiting = [
            f"{browser.name}: {len(browser.delivery.outbox)} in the outbox, "
            f"online: {browser.is_online.is_set()}, closed: {browser.line.closes[-3:]}"
            for browser in self.browsers
            if browser.delivery.outbox or not browser.is_online.is_set()
        ]
        return "\n".join([*waiting, self.site.logs[-3000:]])

    async def verdict(self, seconds=PATIENCE_SECONDS):
        """Return the verdict once it is clean, or the one after so many seconds, and
        how long that was after the last fault."""
        start = time.monotonic()
        while True:
            self._raise_failures()
            now, stored = time.monotonic(), await asyncio.to_thread(self.site.stored)
            found = self.ledger.verdict(stored)
            if found == CLEAN or now - start > seconds:
                took = now - (self.last_fault_at or start)
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
            f"slowest receipt after it {delays[-1]:.1f} s; "
            f"equal {took:.1f} s after the last fault"
        )

    def _raise_failures(self):
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
