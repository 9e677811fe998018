"""A fan-out to a large room lets others have their turn, and goes wrong for nobody."""

import asyncio

import pytest

from rooms import live
from rooms.live import hub as hub_module
from tests.hub.conftest import (
    BACKROOM,
    BOB,
    CHARLIE,
    EPOCH,
    LOUNGE,
    BrokenWire,
    Person,
    settle,
)

KICK = {f"m{BOB}": 4403}


@pytest.fixture(autouse=True)
def small_turns(monkeypatch):
    monkeypatch.setattr(hub_module, "SENDS_AT_ONCE", 2)


@pytest.fixture
async def hub(hub, monkeypatch):
    """A hub whose database answers at once: a join takes no turn of the loop."""

    async def ask(function, *arguments):
        return function(*arguments)

    monkeypatch.setattr(hub, "ask", ask)
    return hub


@pytest.fixture(params=["frame by frame", "prebuilt", "every other prebuilt"])
async def crowd(hub, request):
    people = guests()
    step = {"frame by frame": 99, "prebuilt": 1, "every other prebuilt": 2}
    for person in people[step[request.param] - 1 :: step[request.param]]:
        person.on_wire()
    return await joined(hub, people)


@pytest.fixture
async def plain_crowd(hub):
    return await joined(hub, guests())


def guests():
    return [Person(100 + number, f"Guest {number}") for number in range(9)]


async def joined(hub, people):
    for person in people:
        await hub.join(LOUNGE, person.socket, 0, EPOCH)
    return people


async def one_turn(people):
    """Let a fan-out come so far that some have the news and others do not."""
    await asyncio.sleep(0)
    assert len({person.socket.last for person in people}) == 2


async def test_what_comes_between_turns_comes_once_and_in_order(hub, database, crowd):
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take(LOUNGE, database.say(LOUNGE))
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert [person.changes for person in crowd] == [[1, 2, 3, 4, 5]] * len(crowd)
    assert hub.rooms[LOUNGE].undelivered == []


async def test_others_have_their_turn_meanwhile(hub, database, crowd, charlie):
    await hub.join(BACKROOM, charlie.socket, 0, EPOCH)

    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take(BACKROOM, database.say(BACKROOM))
    await one_turn(crowd)

    assert charlie.changes == [1]


async def test_who_joins_between_turns_gets_each_once(hub, database, crowd):
    early, late = Person(BOB, "Bob"), Person(CHARLIE, "Charlie")

    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    await joined(hub, [early])
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    await joined(hub, [late])
    await settle()
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    everybody = [*crowd, early, late]
    assert [person.changes for person in everybody] == [[1, 2, 3]] * len(everybody)


async def test_who_joins_while_more_comes_misses_nothing(hub, database, crowd, bob):
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take(LOUNGE, database.say(LOUNGE))
    await joined(hub, [bob])
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert shown_by(bob) == [1, 2, 3]
    assert [person.changes for person in crowd] == [[1, 2, 3]] * len(crowd)


def shown_by(person):
    """What a browser shows: a frame may repeat some of what is known, but not all, and
    leaves no hole."""
    shown = {}
    for frame in person.heard("changes"):
        known = max(shown, default=0)
        assert frame["first"] <= known + 1
        assert frame["last"] > known
        shown |= {event["change"]: event for event in frame["events"]}
    return list(shown)


async def test_who_leaves_between_turns_is_no_trouble(hub, database, crowd):
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    for person in crowd[:4]:
        hub.leave(LOUNGE, person.socket)
        person.socket.forget()
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert [person.changes for person in crowd[4:]] == [[1, 2]] * 5
    assert all(2 not in person.changes for person in crowd[:4])


async def test_a_removal_between_turns_lets_nothing_through(hub, database, crowd):
    tabs = await joined(hub, [Person(BOB, "Bob") for _ in range(9)])

    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd + tabs)
    hub.take(LOUNGE, database.say(LOUNGE, "removed", **KICK))
    hub.take(LOUNGE, database.say(LOUNGE, "secret"))
    await settle()

    assert [tab.closed for tab in tabs] == [4403] * len(tabs)
    assert all(tab.changes in ([], [1]) for tab in tabs)
    assert [person.changes for person in crowd] == [[1, 2, 3]] * len(crowd)


async def test_a_room_deleted_between_turns_closes_everybody(hub, database, crowd):
    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take_closed_room(LOUNGE)
    hub.take(LOUNGE, database.say(LOUNGE, "secret"))
    await settle()

    assert [person.closed for person in crowd] == [4404] * len(crowd)
    assert all(2 not in person.changes for person in crowd)


async def test_a_connection_that_breaks_stops_no_other(hub, database, crowd):
    for person in crowd[::3]:
        person.socket.prebuilt = BrokenWire()

    hub.take(LOUNGE, database.say(LOUNGE))
    await one_turn(crowd)
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    others = [person for person in crowd if person not in crowd[::3]]
    assert [person.changes for person in others] == [[1, 2]] * len(others)


@pytest.mark.parametrize("turn", [2, 200], ids=["in turns", "at once"])
async def test_an_error_at_some_stops_no_other(
    hub, database, plain_crowd, monkeypatch, turn
):
    monkeypatch.setattr(hub_module, "SENDS_AT_ONCE", turn)
    broken, deliver = (
        {person.socket for person in plain_crowd[::3]},
        live.Socket.deliver,
    )
    monkeypatch.setattr(
        live.Socket, "deliver", lambda s, *a: fail() if s in broken else deliver(s, *a)
    )

    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    others = [person for person in plain_crowd if person.socket not in broken]
    assert [person.changes for person in others] == [[1, 2]] * len(others)


@pytest.mark.parametrize("turn", [2, 200], ids=["in turns", "at once"])
async def test_who_missed_a_delivery_that_failed_asks_and_gets_it(
    hub, database, plain_crowd, monkeypatch, turn
):
    monkeypatch.setattr(hub_module, "SENDS_AT_ONCE", turn)
    with monkeypatch.context() as patch:
        patch.setattr(live.Socket, "deliver", fail)
        hub.take(LOUNGE, database.say(LOUNGE))
        await settle()
    hub.take(LOUNGE, database.say(LOUNGE))
    await settle()

    assert [person.changes for person in plain_crowd] == [[2]] * len(plain_crowd)
    assert {frame["first"] for p in plain_crowd for frame in p.heard("changes")} == {2}
    await joined(hub, plain_crowd)
    await settle()
    assert [person.changes for person in plain_crowd] == [[2, 1, 2]] * len(plain_crowd)


def fail(*arguments):
    raise RuntimeError
