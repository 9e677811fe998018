"""Heartbeats tell what everybody here has been sent, each room at its own second."""

from rooms.live import hub as hub_module
from rooms.live.clock import HEARTBEAT_SECONDS
from tests.hub.conftest import BACKROOM, EPOCH, LOUNGE, settle


async def test_during_a_fan_out_nobody_hears_of_what_is_still_to_come(
    hub, database, alice, bob, monkeypatch
):
    monkeypatch.setattr(hub_module, "SENDS_AT_ONCE", 1)
    for person in (alice, bob):
        await hub.join(LOUNGE, person.socket, 0, EPOCH)
    hub.take(LOUNGE, database.say(LOUNGE))
    hub.clock._send_heartbeats(hub.rooms[LOUNGE].beat_at + HEARTBEAT_SECONDS + 1)
    await settle()
    hub.clock._send_heartbeats(hub.rooms[LOUNGE].beat_at + HEARTBEAT_SECONDS + 1)
    await settle()

    heads = [[f["head"] for f in p.heard("heartbeat")] for p in (alice, bob)]
    assert heads == [[0, 1], [0, 1]]
    assert (alice.changes, bob.changes) == ([1], [1])


async def test_rooms_that_opened_together_beat_apart(hub, alice, charlie):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)
    lounge, backroom = hub.rooms[LOUNGE], hub.rooms[BACKROOM]
    backroom.beat_at = lounge.beat_at - 1

    hub.clock._send_heartbeats(lounge.beat_at + HEARTBEAT_SECONDS - 0.5)
    await settle()

    assert len(charlie.heard("heartbeat")) == 1
    assert alice.heard("heartbeat") == []
    assert backroom.beat_at > lounge.beat_at


async def test_a_stop_waits_until_everybody_was_sent_it(
    hub, database, alice, bob, charlie, monkeypatch
):
    monkeypatch.setattr(hub_module, "SENDS_AT_ONCE", 1)
    people = (alice, bob, charlie)
    for person in people:
        await hub.join(LOUNGE, person.socket, 0, EPOCH)
    hub.take(LOUNGE, database.say(LOUNGE))
    assert hub.rooms[LOUNGE].undelivered

    await hub.finish()

    assert [person.socket.last for person in people] == [1, 1, 1]
    assert hub.rooms[LOUNGE].undelivered == []
