"""A restart sends everybody away at once; they come back as a crowd, not a herd."""

import asyncio
import time

import pytest

pytestmark = [pytest.mark.live, pytest.mark.long]
ROOMS, MEMBERS = 20, 100
BACK_SECONDS = 20


async def test_two_thousand_sockets_come_back_after_a_restart(make_crowd):
    crowd = await make_crowd()
    made = await asyncio.to_thread(crowd.site.make_members, ROOMS, MEMBERS)
    for start in range(0, len(made), MEMBERS):
        await crowd.enter(made[start : start + MEMBERS])

    stopped_at = time.monotonic()
    await crowd.site.restart_one(crowd.dice)
    await crowd.until(lambda: all(browser.line.closes for browser in crowd.browsers))
    await crowd.site.all_up()
    up_at = time.monotonic()
    await crowd.online()
    took = time.monotonic() - up_at

    print(f"stop and start {up_at - stopped_at:.1f} s, then all back in {took:.1f} s")
    assert took < BACK_SECONDS
