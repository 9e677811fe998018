"""A harness that cannot fail proves nothing: the stock chat fails these same runs."""

import pytest

from tests.faults import tutorial
from tests.faults.crowd import Crowd
from tests.live import processes

pytestmark = [pytest.mark.live, pytest.mark.redis]


@pytest.fixture
async def crowd(tmp_path, redis, dice):
    """Ten people in each of two rooms of the tutorial's chat, on two servers."""
    servers = []

    def make_server():
        settings = tutorial.SETTINGS | {"REDIS_URL": redis.url}
        server = processes.Server(tmp_path, command=tutorial.command, **settings)
        servers.append(server)
        return server.start()

    site = tutorial.TutorialSite(make_server, redis=redis, count=2)
    crowd = site.crowd = Crowd(site, dice, make_browser=tutorial.TutorialBrowser)
    yield crowd
    await crowd.leave()
    await site.all_up()
    for server in servers:
        server.stop()


async def test_without_faults_it_passes(crowd):
    await crowd.gather(rooms=2, members=10)

    await crowd.say(50, 2)
    verdict, _took = await crowd.verdict()

    assert (verdict.lost, verdict.doubled, verdict.stuck) == ([], [], [])


async def test_killed_servers_lose_messages_for_good(crowd):
    await crowd.gather(rooms=2, members=10)

    await crowd.say(300, 8, during=lambda: crowd.site.kill_one(crowd.dice))
    verdict, _took = await crowd.verdict(seconds=3)

    assert verdict.lost != []


async def test_a_swallowed_answer_doubles_a_message(crowd, make_lines):
    (line,) = await make_lines(crowd.site, 1)
    (writer,) = await crowd.enter(crowd.site.make_members(1, 1), [line.url])
    (witness,) = await crowd.enter(crowd.site.make_members(1, 1))

    line.is_deaf = True
    client_id = writer.write("")
    await crowd.until(lambda: client_id in witness.view.shown_at)
    line.is_deaf = False
    line.cut()
    await crowd.outboxes_empty()
    await crowd.until(lambda: witness.view.client_ids.count(client_id) > 1)
    verdict, _took = await crowd.verdict(seconds=1)

    assert (client_id, witness.name) in verdict.doubled
