import time

import pytest

from rooms.live import presence as presence_module
from rooms.live.presence import Presence
from tests.hub.conftest import EPOCH, LOUNGE, Person, settle, until


class FakeSocket:
    def __init__(self, name):
        self.person = (f"id-{name}", name)


@pytest.fixture
def presence():
    return Presence()


def test_who_comes_and_goes_is_told_once(presence):
    alice, bob = FakeSocket("Alice"), FakeSocket("Bob")
    presence.arrive(alice)
    presence.arrive(bob)

    assert presence.refresh() == ({"id-Alice": "Alice", "id-Bob": "Bob"}, [])
    assert presence.refresh() == ({}, [])
    presence.depart(bob)
    assert presence.refresh() == ({}, ["id-Bob"])


def test_the_last_tab_counts(presence):
    first, second = FakeSocket("Bob"), FakeSocket("Bob")
    for tab in (first, second):
        presence.arrive(tab)
    presence.refresh()

    presence.depart(first)
    assert presence.refresh() == ({}, [])
    presence.depart(second)
    assert presence.refresh() == ({}, ["id-Bob"])


def test_departing_twice_is_harmless(presence):
    charlie = FakeSocket("Charlie")
    presence.arrive(charlie)

    presence.depart(charlie)
    presence.depart(charlie)

    assert presence.refresh() == ({}, [])


def test_other_processes_are_heard(presence):
    presence.hear("there", {"id-Bob": "Bob"})

    assert presence.refresh() == ({"id-Bob": "Bob"}, [])
    presence.hear("there", {})
    assert presence.refresh() == ({}, ["id-Bob"])


def test_a_process_that_went_silent_is_forgotten(presence, monkeypatch):
    presence.hear("there", {"id-Bob": "Bob"})
    presence.refresh()

    later = time.monotonic() + presence_module.REMOTE_SECONDS + 1
    monkeypatch.setattr(presence_module.time, "monotonic", lambda: later)

    assert presence.refresh() == ({}, ["id-Bob"])


def test_a_new_name_is_told(presence):
    presence.hear("there", {"id-Bob": "Bob"})
    presence.refresh()
    presence.hear("there", {"id-Bob": "Robert"})

    assert presence.refresh() == ({"id-Bob": "Robert"}, [])


async def test_arrivals_together_are_told_together(hub, database, alice):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await until(lambda: alice.heard("presence"))
    guests = [Person(100 + number, f"Guest {number}") for number in range(20)]

    for guest in guests:
        await hub.join(LOUNGE, guest.socket, 0, EPOCH)
    await until(lambda: alice.heard("presence")[-1]["count"] == 21)

    assert len(alice.heard("presence")) <= 3
    told = [p["name"] for frame in alice.heard("presence") for p in frame["came"]]
    assert sorted(told) == sorted(
        ["Alice", *(guest.socket.person[1] for guest in guests)]
    )


async def test_a_page_that_reloads_makes_no_noise(hub, database, alice, bob):
    await hub.join(LOUNGE, alice.socket, 0, EPOCH)
    await hub.join(LOUNGE, bob.socket, 0, EPOCH)
    await until(lambda: alice.heard("presence"))
    told = len(alice.heard("presence"))

    hub.leave(LOUNGE, bob.socket)
    await hub.join(LOUNGE, Person(bob.socket.member_id, "Bob").socket, 0, EPOCH)
    await settle()

    assert len(alice.heard("presence")) == told
