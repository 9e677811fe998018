"""The database goes away: nothing acknowledged is missing, outboxes drain."""

import asyncio
import contextlib
import signal
import time

import psycopg
import pytest

from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.live import processes

TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
LOCK_SECONDS = 3
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
        away = await stopping
        await talking
        verdict, _took = await crowd.verdict()

        assert verdict == CLEAN
        assert acknowledged_in(away, crowd.ledger) == []
        assert crowd.ledger.waits()[-1] > seconds - 1
        assert "Traceback" not in crowd.site.logs

    @pytest.mark.parametrize("size", sizes((300, 6), full=[(6_000, 60)]), ids=str)
    async def test_its_connections_ended_every_2_seconds_lose_nothing(
        self, make_crowd, size
    ):
        crowd = await make_crowd("postgresql")
        await crowd.gather(rooms=4, members=10)

        ended = []

        async def terminate():
            ended.append(await asyncio.to_thread(crowd.site.ask, TERMINATE))
            drop_some(crowd)

        await crowd.say(*size, during=terminate, every=2)
        verdict, _took = await crowd.verdict()

        assert verdict == CLEAN
        assert all(len(connections) >= len(crowd.site.servers) for connections in ended)
        assert "Traceback" not in crowd.site.logs


@pytest.mark.live
@pytest.mark.parametrize("times", sizes(1, full=[10]))
async def test_sqlite_locked_by_another_loses_nothing(make_crowd, times):
    crowd = await make_crowd()
    await crowd.gather(rooms=4, members=10)

    talking = asyncio.create_task(crowd.say(200 * times, 5 * times))
    locked = []
    for _ in range(times):
        await asyncio.sleep(1)
        locked.append(await asyncio.to_thread(lock_for, crowd.site, LOCK_SECONDS))
    await talking
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert [acknowledged_in(away, crowd.ledger) for away in locked] == [[]] * times
    assert crowd.ledger.waits()[-1] > LOCK_SECONDS - 1
    assert "Traceback" not in crowd.site.logs


def drop_some(crowd):
    """Have some come back, who must be asked for in the database."""
    for browser in crowd.dice.sample(crowd.browsers, 10):
        browser.line.drop()


def acknowledged_in(away, ledger):
    """What was acknowledged without a database; an answer may still be under way."""
    since, until = away
    moments = ledger.acknowledged.values()
    return [at - since for at in moments if since + 1 < at < until]


async def stop_for(cluster, seconds):
    """Return from when to when it was away."""
    cluster.signal(signal.SIGINT)  # PostgreSQL's "fast": open transactions are ended
    await asyncio.to_thread(cluster.popen.wait, 30)
    stopped_at = time.monotonic()
    await asyncio.sleep(seconds)
    back_at = time.monotonic()
    await asyncio.to_thread(cluster.start)
    await asyncio.to_thread(processes.wait_until, lambda: is_ready(cluster), 60)
    return stopped_at, back_at


def is_ready(cluster):
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(cluster.url, connect_timeout=5).close()
        return True
    return False


def lock_for(site, seconds):
    """Return from when to when it was locked."""
    with contextlib.closing(site.connect()) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        locked_at = time.monotonic()
        time.sleep(seconds)
        free_at = time.monotonic()
        connection.rollback()
    return locked_at, free_at
