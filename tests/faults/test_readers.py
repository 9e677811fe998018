"""Who reads slowly, or not at all, costs little and makes nobody wait."""

import asyncio
import time

import pytest

from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.proxy import NEVER
from tests.live.test_memory import memory

pytestmark = pytest.mark.live
LONG = "\N{GRINNING FACE}" * 3900  # four bytes each
SLOW = 6
MIB_EACH = 4
GIVEN_UP_SECONDS = 10  # of what is too much; what waits too long takes 15
SHORT, FULL = (300, 6), (2_000, 60)  # messages, seconds


@pytest.mark.parametrize("size", sizes(SHORT, full=[FULL]), ids=str)
async def test_slow_readers_are_nobody_elses_burden(make_crowd, make_lines, size):
    crowd = await make_crowd()
    crowd.body = LONG
    (server,) = crowd.site.servers
    lines = await make_lines(crowd.site, SLOW)
    made = await asyncio.to_thread(crowd.site.make_members, 1, 40)
    others = await crowd.enter(made[SLOW:])
    slow = [
        (await crowd.enter([member], [line.url]))[0]
        for member, line in zip(made, lines, strict=False)
    ]
    names = [browser.name for browser in others]

    await crowd.say(*size, others)
    usual_memory, usual_wait = memory(server), p99(crowd.ledger.delays(0, names))
    await come_back_narrow(crowd, slow, lines)
    for line in lines:
        line.rate = 1024
    lines[0].rate = NEVER
    slow_since = time.monotonic()
    await crowd.say(*size, others)
    grown, wait = memory(server), p99(crowd.ledger.delays(slow_since, names))
    await crowd.until(lambda: all(line.dropped for line in lines), GIVEN_UP_SECONDS)
    for line in lines:
        line.rate = None
        line.cut()
    verdict, _took = await crowd.verdict()

    print(f"peak {usual_memory} MiB, then {grown} MiB; p99 {usual_wait}, then {wait}")
    assert verdict == CLEAN
    assert grown - usual_memory <= SLOW * MIB_EACH
    if size == FULL:
        assert wait < 2 * max(usual_wait, 0.05)


async def come_back_narrow(crowd, browsers, lines):
    """Have them be online on lines where all waits at the server."""
    closes = sum(len(browser.line.closes) for browser in browsers)
    for line in lines:
        line.is_narrow = True
        line.cut()
    closes += len(lines)
    await crowd.until(lambda: sum(len(b.line.closes) for b in browsers) == closes)
    await crowd.online(browsers)


def p99(delays):
    return delays[len(delays) * 99 // 100]
