"""From any thread to every hub of this process, which tells the other processes."""

import asyncio

from rooms.live.hub import running

_relay = None


def relay_to(relay):
    """Have another process announce what this one says: `relay(what, arguments)` brings
    it there, and there `announce_for` is called."""
    global _relay
    _relay = relay


def announce_for(what, arguments):
    """Announce what another process gave its relay."""
    for hub in list(running.values()):
        hub.loop.call_soon_threadsafe(getattr(hub, what), *arguments)


def _announce(what, *arguments):
    (_relay or announce_for)(what, arguments)


def announce(batches):
    """Tell every process what changed, (room id, Batch) each; after the commit.

    Without a hub in this process nothing is lost: the others' polls find it.
    """
    _announce("take_all", batches)


def announce_progress(room_id, files):
    """Tell every process how far the files of a room have come, {id: bytes}."""
    _announce("take_progress", room_id, files)


def announce_closed_room(room_id):
    """Close every socket of a room that is no more."""
    _announce("take_closed_room", room_id)


def announce_changed_sessions():
    """Have every process close the sockets whose session has ended."""
    _announce("take_changed_sessions")


async def receive(receipt):
    """Have a receipt committed with those that come at the same moment.

    Returns once it is; at once and False when no hub runs in this event loop. Raises
    Busy.
    """
    hub = running.get(asyncio.get_running_loop())
    if hub is None:
        return False
    await hub.receiver.write(receipt)
    return True


def receive_soon(receipt):
    """`receive`, for who does not wait for it."""
    hub = running.get(asyncio.get_running_loop())
    if hub is None:
        return False
    hub.spawn(hub.receiver.write_gladly(receipt))
    return True


async def finish():
    """Wait until what was handed in is committed, answered and sent; before a stop."""
    for hub in list(running.values()):
        await hub.finish()


def people_here(room_id):
    """Return who is in a room now, {public id: name}."""
    people = {}
    for hub in list(running.values()):
        if room := hub.rooms.get(room_id):
            people.update(room.presence.here)
    return people


def is_degraded():
    """Whether the channel layer fails, so that news waits for the polls."""
    return any(hub.neighbours.doorbell.is_degraded for hub in list(running.values()))
