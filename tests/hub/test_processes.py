"""Two hubs on one layer, as two processes have."""

import pytest

from rooms import live
from rooms.live import hub as hub_module
from tests.hub.conftest import BACKROOM, BOB, EPOCH, LOUNGE, settle, until


@pytest.fixture
async def here(make_hub):
    return make_hub()


@pytest.fixture
async def there(make_hub, here):
    return make_hub()


async def test_news_reach_the_other_process(here, there, database, alice, bob, charlie):
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)
    await there.join(BACKROOM, charlie.socket, 0, EPOCH)

    here.take(LOUNGE, database.say(LOUNGE))
    await until(lambda: bob.changes)

    assert [alice.changes, bob.changes, charlie.changes] == [[1], [1], []]


async def test_news_from_both_come_in_one_order(here, there, database, alice, bob):
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    for number in range(20):
        (here, there)[number % 2].take(LOUNGE, database.say(LOUNGE))
    await until(lambda: len(alice.changes) == len(bob.changes) == 20)

    assert alice.changes == bob.changes == list(range(1, 21))


async def test_a_process_without_sockets_tells_too(here, there, database, bob):
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    here.take(LOUNGE, database.say(LOUNGE))
    await until(lambda: bob.changes)

    assert bob.changes == [1]


async def test_a_removal_reaches_the_other_process(here, there, database, bob):
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    here.take(LOUNGE, database.say(LOUNGE, "removed", **{f"m{BOB}": 4403}))
    await until(lambda: bob.closed)

    assert (bob.closed, bob.changes) == (4403, [])


async def test_a_deleted_room_is_closed_in_both(here, there, database, alice, bob):
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    here.take_closed_room(LOUNGE)
    await until(lambda: alice.closed and bob.closed)

    assert [alice.closed, bob.closed] == [4404, 4404]


async def test_a_session_that_ended_here_is_closed_there_at_once(
    only_told, here, there, database, alice, bob
):
    alice.socket.session, bob.socket.session = "hers", "his"
    there.sockets |= {alice.socket, bob.socket}
    await there.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    database.ended.add("his")
    here.take_changed_sessions()
    await until(lambda: bob.closed)

    assert (alice.closed, bob.closed) == (None, 4401)


async def test_presence_counts_both(here, there, database, alice, bob):
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)
    await until(lambda: len(here.rooms[LOUNGE].presence.here) == 2)
    await until(lambda: len(there.rooms[LOUNGE].presence.here) == 2)

    there.leave(LOUNGE, bob.socket)
    await until(lambda: len(here.rooms[LOUNGE].presence.here) == 1)

    assert alice.heard("presence")[-1]["went"] == [f"id-{BOB}"]
    assert alice.heard("presence")[-1]["count"] == 1


async def test_a_layer_that_fails_only_delays(
    here, there, database, alice, bob, monkeypatch
):
    await here.join(LOUNGE, alice.socket, 0, EPOCH)
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    async def fail(*arguments):
        raise ConnectionError

    for name in ("group_send", "group_add"):
        monkeypatch.setattr(here.neighbours.doorbell._layer, name, fail)
    here.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert (alice.changes, here.neighbours.doorbell.is_degraded) == ([1], True)
    await until(lambda: bob.changes)
    assert bob.changes == [1]


async def test_a_layer_that_is_back_is_used(here, there, database, bob, monkeypatch):
    await there.join(LOUNGE, bob.socket, 0, EPOCH)

    async def fail(*arguments):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(here.neighbours.doorbell._layer, "group_send", fail)
        here.take(LOUNGE, database.say(LOUNGE))
        await settle()
    here.take(LOUNGE, database.say(LOUNGE))
    await until(lambda: len(bob.changes) == 2)

    assert (bob.changes, here.neighbours.doorbell.is_degraded) == ([1, 2], False)


async def test_announcing_without_a_hub_is_no_trouble(database):
    hub_module.running.clear()

    live.announce([(LOUNGE, database.say(LOUNGE))])
    live.announce_closed_room(LOUNGE)

    assert (live.people_here(LOUNGE), live.is_degraded()) == ({}, False)
