"""Two servers on one PostgreSQL and one Redis are one chat."""

import threading
import time

import pytest
import requests

from tests.live import processes
from tests.live.person import Person

pytestmark = [
    pytest.mark.live,
    pytest.mark.redis,
    pytest.mark.postgresql,
    pytest.mark.xdist_group("postgresql"),
]
GONE_SECONDS = 20 + 8 + 2  # of silence; until the next heartbeat; to spare


@pytest.fixture
def alice(pair):
    return Person(pair.first.url, "Alice").join("1001")


@pytest.fixture
def bob(pair, alice):
    return Person(pair.second.url, "Bob").join("1001")


def test_a_message_crosses_at_once(alice, bob):
    alice.connect()
    bob.connect()

    sent_at = time.monotonic()
    alice.post("across")
    bob.hear_body("across")

    assert time.monotonic() - sent_at < 0.9  # the poll alone takes up to a second


def test_both_see_one_order_when_both_write(alice, bob):
    alice.connect()
    bob.connect()
    writers = [
        threading.Thread(
            target=lambda p=p: [p.post(f"{p.name} {n}") for n in range(15)]
        )
        for p in (alice, bob)
    ]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for person in (alice, bob):
        person.hear_body("Alice 14", 20)
        person.hear_body("Bob 14", 20)

    assert len(alice.bodies()) == 30
    assert alice.bodies() == bob.bodies()


def test_a_form_posted_to_one_is_heard_at_the_other(alice, bob):
    bob.connect()

    alice.post_form("by form", files=[("a.txt", b"bytes")])

    assert "a.txt" in bob.hear_body("by form")["html"]


def test_presence_crosses_and_ends_with_a_killed_server(pair, alice, bob):
    alice.connect()
    bob.connect()
    here = set()
    while bob.member_id not in here:
        here |= {person["id"] for person in alice.hear("presence")["came"]}

    pair.second.kill()
    killed_at = time.monotonic()
    went = []
    while bob.member_id not in went:
        went = alice.hear("presence", GONE_SECONDS)["went"]

    assert time.monotonic() - killed_at < GONE_SECONDS


def health_of(server):
    answer = requests.get(f"{server.url}/health/", timeout=10)
    return answer.status_code, answer.json()["status"]


def test_without_redis_messages_arrive_through_the_database(pair, alice, bob):
    alice.connect()
    bob.connect()
    pair.redis.kill()

    sent_at = time.monotonic()
    alice.post("no doorbell")
    alice.hear_body("no doorbell")
    bob.hear_body("no doorbell")

    assert time.monotonic() - sent_at < 3
    processes.wait_until(lambda: health_of(pair.first) == (200, "degraded"), 10)


def test_when_redis_comes_back_the_doorbell_rings_again(pair, alice, bob):
    alice.connect()
    bob.connect()
    pair.redis.kill()
    alice.post("meanwhile")
    bob.hear_body("meanwhile")

    processes.start_redis(pair.redis)
    processes.wait_until(lambda: health_of(pair.first) == (200, "ok"), 30)
    alice.post("again")
    bob.hear_body("again")

    assert bob.bodies() == ["meanwhile", "again"]


def test_a_killed_server_takes_nothing_along(pair, alice, bob):
    alice.connect()
    bob.connect()
    alice.post("one")
    bob.hear_body("one")

    pair.first.kill()
    alice.connect(pair.second.url)
    alice.post("two")
    bob.hear_body("two")
    pair.first.start()
    bob.connect(pair.first.url)
    alice.post("three")
    bob.hear_body("three")
    alice.hear_body("three")

    assert alice.bodies() == bob.bodies() == ["one", "two", "three"]


def test_thirty_browsers_making_one_room_make_one(pair):
    people = [
        Person((pair.first, pair.second)[n % 2].url, f"Person {n}") for n in range(30)
    ]
    threads = [threading.Thread(target=person.join, args=["3003"]) for person in people]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({person.page_path for person in people}) == 1
    assert len({person.member_id for person in people}) == 30


def test_a_management_command_is_heard_within_the_poll(pair, alice, bob):
    bob.connect()
    code = (
        "from rooms.models import Room; from rooms.actions import rename_room; "
        "rename_room(Room.objects.get(number='1001'), 'Klub Catur')"
    )

    processes.manage(pair.first.environment, "shell", "-c", code)

    assert bob.hear("changes", 5)["events"][-1]["name"] == "Klub Catur"
