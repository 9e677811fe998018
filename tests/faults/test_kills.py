"""Servers end in every way; what was acknowledged stays, and nobody sees it twice."""

import pytest

from tests.faults.kinds import KINDS, POSTGRESQL, sizes
from tests.faults.ledger import CLEAN

pytestmark = pytest.mark.live
EQUAL_SECONDS, BUSY_SECONDS = 15, 120  # after the last fault: promised, tolerated
SHORT, FULL = (400, 8), (10_000, 400)  # messages, seconds


@pytest.mark.parametrize("size", sizes(SHORT, full=[FULL]), ids=str)
@pytest.mark.parametrize("kind", KINDS)
async def test_servers_killed_every_3_seconds_lose_nothing(make_crowd, kind, size):
    crowd = await make_crowd(kind)
    await crowd.gather(rooms=4, members=10)

    await crowd.say(*size, during=lambda: crowd.site.kill_one(crowd.dice))
    verdict, took = await crowd.verdict()

    assert verdict == CLEAN
    assert took < (EQUAL_SECONDS if size == FULL else BUSY_SECONDS)
    assert "Traceback" not in crowd.site.logs


@pytest.mark.parametrize("size", sizes(SHORT, full=[FULL]), ids=str)
@pytest.mark.parametrize("kind", [POSTGRESQL])
async def test_rolling_restarts_lose_nothing(make_crowd, kind, size):
    crowd = await make_crowd(kind)
    await crowd.gather(rooms=4, members=10)

    await crowd.say(*size, during=lambda: crowd.site.restart_one(crowd.dice))
    verdict, took = await crowd.verdict()

    assert verdict == CLEAN
    assert took < (EQUAL_SECONDS if size == FULL else BUSY_SECONDS)
    assert "Traceback" not in crowd.site.logs
