"""How far uploads have come."""

import asyncio

import pytest

from rooms.live import clock, progress
from tests.hub.conftest import BACKROOM, EPOCH, LOUNGE, settle, until


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0.05)


async def test_those_in_the_room_see_it(hub, alice, charlie):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)

    hub.progress.take(LOUNGE, {"file": 10})
    await until(lambda: alice.heard("progress"))

    assert alice.heard("progress") == [{"type": "progress", "files": {"file": 10}}]
    assert charlie.heard("progress") == []


async def test_what_comes_close_together_is_told_once(hub, alice):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)

    for count in range(100):
        hub.progress.take(LOUNGE, {"a": count, f"b{count % 2}": count})
    await until(lambda: alice.heard("progress"))
    await asyncio.sleep(0.1)

    told = [frame["files"] for frame in alice.heard("progress")]
    assert told == [{"a": 99, "b0": 98, "b1": 99}]


async def test_the_other_process_sees_it_once(make_hub, alice, bob):
    here, there = make_hub(), make_hub()
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)
    await settle()

    here.progress.take(LOUNGE, {"file": 10})
    await until(lambda: bob.heard("progress"))
    await asyncio.sleep(0.2)

    assert [len(p.heard("progress")) for p in (alice, bob)] == [1, 1]


async def test_a_process_without_sockets_tells_too(make_hub, bob):
    here, there = make_hub(), make_hub()
    await there.join(LOUNGE, bob.socket, 0, EPOCH)
    await settle()

    here.progress.take(LOUNGE, {"file": 10})
    await until(lambda: bob.heard("progress"))

    assert bob.heard("progress")[0]["files"] == {"file": 10}


async def test_nobody_there_is_no_trouble(hub):
    hub.progress.take(LOUNGE, {"file": 10})
    await asyncio.sleep(0.1)

    assert LOUNGE not in hub.rooms


async def test_the_house_is_kept_soon_and_again(make_hub, monkeypatch, database):
    monkeypatch.setattr(clock, "HOUSEKEEPING_SOON_SECONDS", 0.01)
    monkeypatch.setattr(clock, "HOUSEKEEPING_SECONDS", 0.01)
    hub, calls = make_hub(), []
    hub.keep_house = lambda: calls.append(1)

    hub.spawn(hub.clock.keep_house())
    await until(lambda: len(calls) > 2)
