"""Large files, and many at once: memory and chat stay the same."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.transfers import Source, get
from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.senders import Sender
from tests.faults.test_readers import p99
from tests.live.processes import PROJECT, START_SECONDS, wait_until
from tests.live.test_memory import memory

pytestmark = pytest.mark.live
MIB = 1024 * 1024
ALLOWED_MIB = 50
SOON = 0.008  # seconds: what is usual on a machine of two cores, at most


@pytest.mark.parametrize("way", [Sender.send, Sender.send_at_once])
@pytest.mark.parametrize("size", sizes(128, full=[2048]))
async def test_a_large_file_takes_little_memory(make_crowd, size, way):
    crowd = await make_crowd()
    (server,) = crowd.site.servers
    source, sender = Source(size * MIB), Sender(server.url, 1)
    await asyncio.to_thread(sender.send, Source(MIB))
    before = memory(server)

    path = await asyncio.to_thread(way, sender, source)
    cookies = "; ".join(f"{c.name}={c.value}" for c in sender.person.http.cookies)
    await asyncio.to_thread(get, server.port, path, source, {"Cookie": cookies})

    print(f"memory grew by {memory(server) - before} MiB")
    assert memory(server) - before < ALLOWED_MIB


@pytest.mark.parametrize(
    ("count", "size", "talk"),
    [(4, 10, (60, 3)), pytest.param(20, 50, (600, 30), marks=pytest.mark.long)],
)
async def test_chat_goes_on_beside_many_uploads(
    make_crowd, tmp_path, count, size, talk
):
    crowd = await make_crowd()
    (server,) = crowd.site.servers
    await crowd.gather(rooms=1, members=20)

    await crowd.say(*talk)
    usual = p99(crowd.ledger.waits())
    with senders(server, count, size, tmp_path) as end:
        busy_since = time.monotonic()
        await crowd.say(*talk)
        busy = p99(crowd.ledger.waits(busy_since))
        sent = await asyncio.to_thread(end)
    verdict, _took = await crowd.verdict()

    print(f"{sum(sent)} files; p99 {usual}, then {busy}")
    assert verdict == CLEAN
    assert len(sent) == count
    assert min(sent) >= 1
    if count == 20:
        assert busy < 2 * max(usual, SOON)


@contextmanager
def senders(server, count, size, folder):
    """Have people send, from when a file is on its way; gives what ends that and
    returns how many files of each came through."""
    stop, uploads = folder / "stop", Path(server.environment["DATA_DIR"]) / "uploads"
    arguments = [server.url, str(count), str(size), str(stop)]
    process = subprocess.Popen(
        ["nice", "-n", "19", sys.executable, "-m", "tests.faults.senders", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )

    def end():
        stop.touch()
        answer, _errors = process.communicate(timeout=120)
        return json.loads(answer)

    try:
        wait_until(lambda: uploads.exists() and any(uploads.iterdir()), START_SECONDS)
        yield end
    finally:
        process.kill()  # no harm when it has ended
        process.wait()
