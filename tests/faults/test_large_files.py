"""Large files, and many at once: memory and chat stay the same."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.transfers import Source, get, patch
from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.test_readers import p99
from tests.live.person import Person
from tests.live.test_memory import memory
from tests.live.upload import Upload, checksum

pytestmark = pytest.mark.live
MIB = 1024 * 1024
ALLOWED_MIB = 50
SOON = 0.05  # seconds: twice as long as less than that is not noticed


class Sender:
    """A person who sends large files, and has a room alone."""

    def __init__(self, url, number):
        self.person = Person(url, f"Sender {number}").join(f"77{number}")

    def send(self, source):
        """Send a file to its end; return its path."""
        upload = Upload(self.person, source.piece, size=source.size)
        headers, digest = upload.headers, checksum(source.piece)
        patch(upload.port, upload.path, source, headers, digest)
        return upload.path.replace("/uploads/", "/files/")


@pytest.mark.parametrize("size", sizes(128, full=[2048]))
async def test_a_large_file_takes_little_memory(make_crowd, size):
    crowd = await make_crowd()
    (server,) = crowd.site.servers
    source, sender = Source(size * MIB), Sender(server.url, 1)
    await asyncio.to_thread(sender.send, Source(MIB))
    before = memory(server)

    path = await asyncio.to_thread(sender.send, source)
    cookies = "; ".join(f"{c.name}={c.value}" for c in sender.person.http.cookies)
    await asyncio.to_thread(get, server.port, path, source, {"Cookie": cookies})

    print(f"memory grew by {memory(server) - before} MiB")
    assert memory(server) - before < ALLOWED_MIB


@pytest.mark.parametrize(
    ("count", "size", "talk"),
    [(4, 10, (60, 3)), pytest.param(20, 50, (600, 30), marks=pytest.mark.long)],
)
async def test_chat_goes_on_beside_many_uploads(make_crowd, count, size, talk):
    crowd = await make_crowd()
    (server,) = crowd.site.servers
    source = Source(size * MIB)
    senders = [Sender(server.url, number) for number in range(count)]
    await crowd.gather(rooms=1, members=20)

    await crowd.say(*talk)
    usual = p99(crowd.ledger.waits())
    busy_since, is_over = time.monotonic(), threading.Event()
    with ThreadPoolExecutor(count) as threads:
        sending = [threads.submit(send_on, s, source, is_over) for s in senders]
        await crowd.say(*talk)
        is_over.set()
        sent = await asyncio.to_thread(lambda: [each.result() for each in sending])
    busy = p99(crowd.ledger.waits(busy_since))
    verdict, _took = await crowd.verdict()

    print(f"{sum(sent)} files; p99 {usual}, then {busy}")
    assert verdict == CLEAN
    assert min(sent) >= 1
    if count == 20:
        assert busy < 2 * max(usual, SOON)


def send_on(sender, source, is_over):
    """Send the file again and again until it is enough; return how often."""
    times = 0
    while not is_over.is_set():
        sender.send(source)
        times += 1
    return times
