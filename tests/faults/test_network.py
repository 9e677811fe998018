"""The line between browser and server fails in every way that lines do."""

import asyncio

import pytest

from tests.faults.browser import Browser
from tests.faults.delivery import Delivery
from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN

pytestmark = pytest.mark.live


async def enter_behind(crowd, lines):
    """Bring one member per line into one room, and one without."""
    made = await asyncio.to_thread(crowd.site.make_members, 1, len(lines) + 1)
    (witness,) = await crowd.enter(made[:1])
    entering = [
        crowd.enter([member], [line.url])
        for member, line in zip(made[1:], lines, strict=True)
    ]
    return witness, [browser for (browser,) in await asyncio.gather(*entering)]


@pytest.mark.parametrize("times", sizes(4, full=[50]))
async def test_swallowed_acknowledgements_double_nothing(make_crowd, make_lines, times):
    crowd = await make_crowd()
    lines = await make_lines(crowd.site, 10)
    witness, browsers = await enter_behind(crowd, lines)

    async def lose_the_answer(browser, proxy):
        await browser.is_online.wait()
        proxy.is_deaf = True
        client_id = browser.write("Is anybody there?")
        await crowd.until(lambda: client_id in witness.view.shown_at)
        assert client_id not in crowd.ledger.acknowledged
        proxy.cut()
        proxy.is_deaf = False
        await crowd.until(lambda: client_id in crowd.ledger.acknowledged)

    async def lose_many(browser, proxy):
        for _ in range(times):
            await lose_the_answer(browser, proxy)

    async with asyncio.timeout(60 + 5 * times):
        pairs = zip(browsers, lines, strict=True)
        await asyncio.gather(*(lose_many(*pair) for pair in pairs))
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert len(crowd.ledger.acknowledged) == 10 * times


class HastyDelivery(Delivery):
    """Another client's: all that waits, at once, twice, in any order."""

    dice = None

    def online(self):
        again = [*self.outbox.items()] * 2
        self.dice.shuffle(again)
        for client_id, body in again:
            self._send({"type": "post", "client_id": client_id, "body": body})

    def _next(self):
        """Nothing is sent before the next time the line comes back."""


@pytest.mark.parametrize("times", sizes(2, full=[25]))
async def test_an_outbox_sent_twice_in_any_order_doubles_nothing(
    make_crowd, make_lines, times
):
    crowd = await make_crowd()
    lines = await make_lines(crowd.site, 10)
    _witness, browsers = await enter_behind(crowd, lines)
    for browser in browsers:
        browser.delivery = HastyDelivery(browser.line.send, crowd.ledger.refuse)
        browser.delivery.dice = crowd.dice

    for _ in range(times):
        for browser in browsers:
            for number in range(10):
                browser.write(f"Hasty {number}")
        for proxy in lines:
            proxy.cut()
            await asyncio.sleep(crowd.dice.random() / 10)
        await crowd.outboxes_empty()
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN


@pytest.mark.parametrize("seconds", sizes(5, full=[30, 180]))
async def test_a_silent_line_catches_up(make_crowd, make_lines, seconds):
    crowd = await make_crowd()
    lines = await make_lines(crowd.site, 10)
    await enter_behind(crowd, lines)

    talking = asyncio.create_task(crowd.say(20 * seconds, seconds + 2))
    await asyncio.sleep(1)
    for proxy in lines[:5]:
        proxy.freeze()
    await asyncio.sleep(seconds)
    for proxy in lines[:5]:
        proxy.thaw()
    await talking
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN


class ForgetfulBrowser(Browser):
    """One that loses a tenth of the news it is sent, acknowledgements too."""

    lost_frames = 0

    def heard(self, frame):
        if frame["type"] in {"changes", "state"} and self.dice.random() < 0.1:
            self.lost_frames += 1
        else:
            super().heard(frame)


@pytest.mark.parametrize("size", sizes((200, 5), full=[(4_000, 100)]), ids=str)
async def test_a_lost_frame_is_noticed_by_its_number(make_crowd, size):
    crowd = await make_crowd()
    crowd.make_browser = ForgetfulBrowser
    browsers = await crowd.gather(rooms=1, members=10)

    await crowd.say(*size)
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert all(browser.lost_frames for browser in browsers)
