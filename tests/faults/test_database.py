"""The database goes away: nothing acknowledged is missing, outboxes drain."""

import asyncio
import contextlib
import signal

import psycopg
import pytest

from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.live import processes

TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
on_postgresql = [pytest.mark.postgresql, pytest.mark.redis]


class TestPostgreSQL:
    pytestmark = [pytest.mark.live, *on_postgresql]

    @pytest.mark.parametrize("seconds", sizes(3, full=[10]))
    async def test_stopped_for_a_while_it_loses_nothing(self, make_crowd, seconds):
        crowd = await make_crowd("postgresql")
        await crowd.gather(rooms=4, members=10)

        talking = asyncio.create_task(crowd.say(40 * seconds, seconds + 3))
        await asyncio.sleep(1)
        stopping = asyncio.create_task(stop_for(crowd.site.cluster, seconds))
        await asyncio.sleep(1)
        drop_some(crowd)
        await stopping
        await talking
        verdict, _took = await crowd.verdict()

        assert verdict == CLEAN

    @pytest.mark.parametrize("size", sizes((300, 6), full=[(6_000, 60)]), ids=str)
    async def test_its_connections_ended_every_2_seconds_lose_nothing(
        self, make_crowd, size
    ):
        crowd = await make_crowd("postgresql")
        await crowd.gather(rooms=4, members=10)

        async def terminate():
            await asyncio.to_thread(crowd.site.ask, TERMINATE)
            drop_some(crowd)

        await crowd.say(*size, during=terminate, every=2)
        verdict, _took = await crowd.verdict()

        assert verdict == CLEAN


@pytest.mark.live
@pytest.mark.parametrize("times", sizes(1, full=[10]))
async def test_sqlite_locked_by_another_loses_nothing(make_crowd, times):
    crowd = await make_crowd()
    await crowd.gather(rooms=4, members=10)

    async def lock():
        await asyncio.to_thread(lock_for, crowd.site, 3)

    talking = asyncio.create_task(crowd.say(200 * times, 5 * times))
    for _ in range(times):
        await asyncio.sleep(1)
        await lock()
    await talking
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN


def drop_some(crowd):
    """Have some come back, who must be asked for in the database."""
    for browser in crowd.dice.sample(crowd.browsers, 10):
        browser.line.drop()


async def stop_for(cluster, seconds):
    cluster.signal(signal.SIGINT)  # PostgreSQL's "fast": open transactions are ended
    await asyncio.to_thread(cluster.popen.wait, 30)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(cluster.start)
    await asyncio.to_thread(processes.wait_until, lambda: is_ready(cluster), 60)


def is_ready(cluster):
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(cluster.url, connect_timeout=5).close()
        return True
    return False


def lock_for(site, seconds):
    with contextlib.closing(site.connect()) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        processes.time.sleep(seconds)
        connection.rollback()
