"""The channel layer is a doorbell: without it nobody is cut off, and nothing waits
longer than for the next look at the database."""

import asyncio
import signal

import pytest

from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.live import processes

pytestmark = [pytest.mark.live, pytest.mark.postgresql, pytest.mark.redis]
DELIVERY_SECONDS = 2  # the promise
BUSY_SECONDS = 8  # of a machine that does other things as well


async def shut_down(redis, seconds):
    await asyncio.to_thread(redis.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(processes.start_redis, redis)


async def pause(redis, seconds):
    redis.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    redis.signal(signal.SIGCONT)


async def flush(redis, seconds):
    for _ in range(seconds * 5):
        async with asyncio.timeout(10):
            _reader, writer = await asyncio.open_connection("127.0.0.1", redis.port)
            writer.write(b"FLUSHALL\r\n")
            await writer.drain()
            writer.close()
        await asyncio.sleep(0.2)


FAULTS = [(shut_down, 0.2), (shut_down, 5), (pause, 5), (flush, 2)]
LONG_FAULTS = [*FAULTS, (shut_down, 60), (pause, 60)]
CASES = [(*fault, BUSY_SECONDS) for fault in FAULTS]
LONG_CASES = [(*fault, DELIVERY_SECONDS) for fault in LONG_FAULTS]


def name_of(case):
    fault, seconds, most = case
    return f"{fault.__name__}-{seconds}-within-{most}"


@pytest.mark.parametrize("case", sizes(*CASES, full=LONG_CASES), ids=name_of)
async def test_without_redis_all_goes_on(make_crowd, case):
    fault, seconds, most = case
    crowd = await make_crowd("postgresql")
    await crowd.gather(rooms=4, members=10)

    talking = asyncio.create_task(crowd.say(int(100 + 20 * seconds), seconds + 3))
    await asyncio.sleep(1)
    await fault(crowd.site.redis, seconds)
    await talking
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert [
        browser.line.closes for browser in crowd.browsers if browser.line.closes
    ] == []
    assert crowd.ledger.waits()[-1] < most
    assert crowd.ledger.delays()[-1] < most
