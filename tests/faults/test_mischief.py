"""A member who sends everything that should not be sent: nobody else notices."""

import asyncio

import pytest

from tests.faults.crowd import PATIENCE_SECONDS
from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.rascal import Rascal
from tests.live.test_memory import memory

pytestmark = pytest.mark.live
ALLOWED_MIB = 40
AS_SHIPPED = ["-m", "chatsite.server"]


@pytest.mark.parametrize("seconds", sizes(6, full=[120]))
async def test_nobody_notices_a_member_who_means_harm(make_crowd, seconds):
    crowd = await make_crowd(arguments=AS_SHIPPED)
    (server,) = crowd.site.servers
    made = await asyncio.to_thread(crowd.site.make_members, 1, 17)
    neighbours = await crowd.enter(made[5:])
    rascal = Rascal(server, made[:5], crowd.dice)
    before = memory(server)

    await asyncio.gather(
        rascal.act(seconds), crowd.say(12 * seconds, seconds, neighbours)
    )
    verdict, _took = await crowd.verdict()
    grown = memory(server) - before

    print(f"{rascal.done.total()} deeds; memory grew by {grown} MiB")
    assert verdict == CLEAN
    assert [browser.line.closes for browser in neighbours] == [[]] * len(neighbours)
    assert rascal.surprises == []
    assert len(rascal.done) == len(rascal.deeds)
    assert "Traceback" not in crowd.site.logs
    assert crowd.ledger.waits()[-1] < PATIENCE_SECONDS / 4
    assert grown < ALLOWED_MIB
