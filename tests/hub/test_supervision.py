"""What a hub does for ever goes on after a failure."""

import pytest

from rooms.live import clock
from rooms.live import hub as hub_module
from tests.hub.conftest import EPOCH, LOUNGE, until


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(hub_module, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(clock, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(clock, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(clock, "SESSION_SECONDS", 0.01)


@pytest.fixture
def fail_once(monkeypatch, caplog):
    """A function that makes a method fail at its next call, and returns a function
    that says whether it did, and whose work was begun again."""

    def patch(owner, name, work):
        works, errors = getattr(owner, name), [RuntimeError("once")]

        def fail_or_work(*arguments):
            if errors:
                raise errors.pop()
            return works(*arguments)

        monkeypatch.setattr(owner, name, fail_or_work)
        return lambda: f"live: {work} failed: RuntimeError('once')" in caplog.messages

    return patch


async def test_heartbeats_and_farewells_go_on(hub, database, bob, fail_once):
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    hub.sockets.add(bob.socket)

    has_failed = fail_once(hub.clock, "_close_lost", "Clock.beat")
    await until(has_failed)
    told = len(bob.heard("heartbeat"))
    await until(lambda: len(bob.heard("heartbeat")) > told)
    bob.socket.heard_at -= clock.SILENCE_SECONDS
    await until(lambda: bob.closed)

    assert bob.closed == 4000


async def test_polls_go_on(hub, database, bob, fail_once):
    bob.socket.session = "his"
    hub.sockets.add(bob.socket)
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)

    has_failed = fail_once(hub, "heads", "Clock.poll")
    await until(has_failed)
    database.say(LOUNGE)
    await until(lambda: bob.changes)
    database.ended.add("his")
    await until(lambda: bob.closed)

    assert (bob.changes, bob.closed) == ([1], 4401)


async def test_other_processes_are_heard_again(
    make_hub, database, bob, fail_once, monkeypatch
):
    monkeypatch.setattr(clock, "TICK_SECONDS", 60)
    here, there = make_hub(), make_hub()
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    has_failed = fail_once(there, "accept", "Neighbours.listen")
    here.take(LOUNGE, database.say(LOUNGE))
    await until(has_failed)
    here.take(LOUNGE, database.say(LOUNGE))
    await until(lambda: len(bob.changes) == 2)

    assert bob.changes == [1, 2]
