import asyncio
import threading

import pytest

from rooms import live
from rooms.live import hub as hub_module
from rooms.live.frames import Batch
from tests.hub.conftest import (
    BACKROOM,
    EPOCH,
    LOUNGE,
    PAGE,
    BrokenWire,
    Person,
    settle,
    until,
)


async def test_everybody_in_the_room_hears(hub, database, alice, bob, charlie):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)

    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert [alice.changes, bob.changes, charlie.changes] == [[1], [1], []]


async def test_a_delivery_asks_the_database_nothing(hub, database, alice, bob):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    database.asked.clear()

    for _ in range(5):
        hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert bob.changes == [1, 2, 3, 4, 5]
    assert database.asked == []


async def test_who_joins_gets_what_was_missed(hub, database, bob):
    for _ in range(3):
        database.say(LOUNGE)

    missed = await hub.join(LOUNGE, bob.socket, 1, EPOCH)
    await settle()

    assert missed.change == bob.socket.last == 3
    assert bob.changes == [2, 3]


async def test_who_missed_too_much_hears_nothing_yet(hub, database, bob):
    for _ in range(PAGE + 2):
        database.say(LOUNGE)

    missed = await hub.join(LOUNGE, bob.socket, 1, EPOCH)
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert missed.events is None
    assert bob.frames == []


async def test_no_room_and_no_member_hear_nothing(hub, database, bob):
    database.former.add(bob.socket.member_id)

    assert await hub.join(99, bob.socket, 0, EPOCH) is None
    assert await hub.join(LOUNGE, bob.socket, 0, EPOCH) is None
    assert bob.frames == []


async def test_what_comes_while_joining_comes_once(hub, database, alice, bob):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    hub.take(LOUNGE, database.say(LOUNGE))

    joining = asyncio.create_task(hub.join(LOUNGE, bob.socket, 0, EPOCH))
    for _ in range(20):
        hub.take(LOUNGE, database.say(LOUNGE))
        await asyncio.sleep(0.001)
    await joining
    await until(lambda: bob.changes[-1:] == [21])

    assert bob.changes == list(range(1, 22))


async def test_doubles_are_dropped_and_holes_are_filled(hub, database, alice, bob):
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    first, second, third = (database.say(LOUNGE) for _ in range(3))

    for batch in (third, first, first, third):
        hub.take(LOUNGE, batch)
    await until(lambda: len(bob.changes) >= 3)
    hub.take(LOUNGE, second)
    await settle()

    assert bob.changes == [1, 2, 3]


async def test_a_hole_that_closes_in_time_costs_nothing(
    hub, database, bob, monkeypatch
):
    monkeypatch.setattr(hub_module, "GAP_SECONDS", 5)  # this machine may be busy
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    database.asked.clear()
    first, second = database.say(LOUNGE), database.say(LOUNGE)

    hub.take(LOUNGE, second)
    hub.take(LOUNGE, first)
    await settle()

    assert bob.changes == [1, 2]
    assert database.asked == []


async def test_what_nobody_announced_is_found(hub, database, bob):
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)

    database.say(LOUNGE)
    database.say(LOUNGE)
    await until(lambda: len(bob.changes) == 2)

    assert bob.changes == [1, 2]


async def test_everyone_reads_their_own_language(hub, database, alice):
    budi = Person(14, "Budi", language="id")
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(LOUNGE, budi.socket, 0, EPOCH)
    said = database.say(LOUNGE)
    texts = {"en": '{"change":1,"text":"hi"}', "id": '{"change":1,"text":"hai"}'}

    hub.take(LOUNGE, Batch(1, 1, [said.events[0]._replace(texts=texts)]))
    await settle()

    heard = [p.heard("changes")[0]["events"][0]["text"] for p in (alice, budi)]
    assert heard == ["hi", "hai"]


async def test_a_removed_member_hears_nothing_from_then_on(hub, database, alice, bob):
    again = Person(bob.socket.member_id, "Bob")
    for person in (alice, bob, again):
        await hub.join(LOUNGE, person.socket, 0, EPOCH)

    hub.take(LOUNGE, database.say(LOUNGE, "removed", m12=4403))
    hub.take(LOUNGE, database.say(LOUNGE, "secret"))
    await settle()

    assert [bob.closed, again.closed, alice.closed] == [4403, 4403, None]
    assert [bob.changes, again.changes, alice.changes] == [[], [], [1, 2]]


async def test_a_removal_does_not_close_who_came_back(hub, database, alice, bob):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    removal = database.say(LOUNGE, "left", m12=4403)
    database.say(LOUNGE, "joined")
    await hub.join(LOUNGE, bob.socket, 2, EPOCH)

    hub.take(LOUNGE, removal)
    await settle()

    assert (bob.closed, bob.socket.is_open) == (None, True)


async def test_a_deleted_room_closes_its_sockets(hub, database, alice, charlie):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)

    hub.take_closed_room(LOUNGE)
    await settle()

    assert [alice.closed, charlie.closed] == [4404, None]


async def test_a_room_that_is_gone_is_noticed(hub, database, alice, charlie):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)

    del database.rooms[LOUNGE]
    await until(lambda: alice.closed)

    assert [alice.closed, charlie.closed] == [4404, None]


async def test_a_room_opened_during_a_poll_stays_open(
    hub, database, alice, charlie, monkeypatch
):
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)
    asked, answer, heads = threading.Event(), threading.Event(), database.heads

    def slow_heads(room_ids):
        if len(room_ids) == 1 and room_ids != [LOUNGE]:
            asked.set()
            answer.wait(5)
        return heads(room_ids)

    monkeypatch.setattr(hub, "heads", slow_heads)
    await asyncio.to_thread(asked.wait, 5)
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    answer.set()
    await asyncio.sleep(0.1)

    assert (alice.closed, charlie.closed) == (None, None)
    assert asked.is_set()


@pytest.mark.parametrize("is_seen_by", ["epoch", "fewer changes"])
async def test_a_restored_backup_sends_everybody_back(
    hub, database, alice, charlie, is_seen_by
):
    for _ in range(3):
        database.say(LOUNGE)
    await hub.join(LOUNGE, alice.socket, 3, EPOCH)

    if is_seen_by == "epoch":
        database.epoch = "another"
    else:
        del database.rooms[LOUNGE][1:]
    await until(lambda: alice.heard("reload"))
    head = database.heads([LOUNGE])[LOUNGE]
    await hub.join(LOUNGE, alice.socket, *head)
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert alice.heard("reload") == [{"type": "reload", "epoch": head.epoch}]
    assert alice.changes == [head.change + 1]


async def test_who_knows_another_epoch_must_reload(hub, database, alice):
    missed = await hub.join(LOUNGE, alice.socket, 0, "another")

    assert (missed.epoch, missed.events) == (EPOCH, None)
    assert hub.rooms[LOUNGE].sockets == set()


async def test_sockets_of_ended_sessions_are_closed(
    only_told, hub, database, alice, bob
):
    alice.socket.session, bob.socket.session = "hers", "his"
    hub.sockets |= {alice.socket, bob.socket}
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)

    database.ended.add("his")
    hub.take_changed_sessions()
    await until(lambda: bob.closed)

    assert (alice.closed, bob.closed) == (None, 4401)


async def test_ended_sessions_are_found_without_being_told(hub, database, bob):
    bob.socket.session = "his"
    hub.sockets.add(bob.socket)

    database.ended.add("his")
    await until(lambda: bob.closed, 10)

    assert bob.closed == 4401


async def test_an_empty_room_is_forgotten(hub, database, alice, bob):
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)

    hub.leave(LOUNGE, bob.socket)
    hub.leave(LOUNGE, bob.socket)
    await until(lambda: LOUNGE not in hub.rooms)

    assert live.people_here(LOUNGE) == {}


async def test_news_for_nobody_is_no_trouble(hub, database, charlie):
    hub.take(LOUNGE, database.say(LOUNGE))
    hub.take_closed_room(99)
    await settle()

    assert hub.rooms == {}


async def test_a_socket_that_breaks_hurts_nobody(hub, database, alice, bob):
    bob.socket.prebuilt = BrokenWire()
    for person in (bob, alice):
        await hub.join(LOUNGE, person.socket, 0, EPOCH)

    for _ in range(3):
        hub.take(LOUNGE, database.say(LOUNGE))
        await settle()

    assert alice.changes == [1, 2, 3]


async def test_a_socket_that_breaks_is_given_up(hub, database, bob):
    bob.socket.prebuilt = broken = BrokenWire()
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)

    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()
    tries = broken.tries
    await settle()

    assert broken.tries == tries
