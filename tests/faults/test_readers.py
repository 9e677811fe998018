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
SHORT, FULL = (300, 6), (2_000, 60)  # messages, seconds


@pytest.mark.parametrize("size", sizes(SHORT, full=[FULL]), ids=str)
async def test_slow_readers_are_nobody_elses_burden(make_crowd, make_lines, size):
    crowd = await make_crowd()
    crowd.body = LONG
    (server,) = crowd.site.servers
    lines = await make_lines(crowd.site, SLOW)
    made = await asyncio.to_thread(crowd.site.make_members, 1, 40)
    others = await crowd.enter(made[SLOW:])
    for member, line in zip(made, lines, strict=False):
        await crowd.enter([member], [line.url])
    names = [browser.name for browser in others]

    await crowd.say(*size, others)
    usual_memory, usual_wait = memory(server), p99(crowd.ledger.delays(0, names))
    for line in lines:
        line.rate = 1024
        line.cut()
    lines[0].rate = NEVER
    await crowd.online()
    slow_since = time.monotonic()
    await crowd.say(*size, others)
    grown, wait = memory(server), p99(crowd.ledger.delays(slow_since, names))
    for line in lines:
        line.rate = None
        line.cut()
    verdict, _took = await crowd.verdict()

    print(f"peak {usual_memory} MiB, then {grown} MiB; p99 {usual_wait}, then {wait}")
    assert verdict == CLEAN
    assert grown - usual_memory <= SLOW * MIB_EACH
    if size == FULL:
        assert wait < 2 * max(usual_wait, 0.05)


def p99(delays):
    return delays[len(delays) * 99 // 100]
