import pytest
from django.test import Client

from rooms import throttle
from rooms.models import Membership, Room
from tests.pages import Fields, text_of


def join(client, number, name="Guest", **headers):
    return client.post("/", {"name": name, "number": number}, **headers)


def statuses(client, numbers):
    return [join(client, f"{number}").status_code for number in numbers]


def test_a_whole_school_enters_one_room(lounge):
    entered = [join(Client(), "1001", f"Pupil {i}").status_code for i in range(30)]

    assert entered == [302] * 30
    assert Membership.objects.filter(room=lounge).count() == 31


def test_the_eleventh_number_of_a_browser_must_wait(alice, stranger_client):
    assert statuses(stranger_client, range(10)) == [302] * 10

    response = join(stranger_client, "1001")

    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert len(Fields(text_of(response)).errors) == 1
    assert not Room.objects.filter(number="10").exists()
    assert not Membership.objects.filter(room=alice.room, name="Guest").exists()


def test_known_numbers_stay_free(alice, stranger_client):
    statuses(stranger_client, range(11))

    assert statuses(stranger_client, range(10)) == [302] * 10


def test_members_inside_never_notice(bob, bob_client, charlie_client):
    statuses(bob_client, range(12))

    page = bob_client.get(f"/rooms/{bob.room.public_id}/")

    assert (page.status_code, join(charlie_client, "2002").status_code) == (200, 302)


def test_mistyped_numbers_are_not_counted(alice, stranger_client):
    assert statuses(stranger_client, ["abc"] * 15) == [400] * 15

    assert join(stranger_client, "1001").status_code == 302


def walk(numbers, **headers):
    """Try each number in a browser of its own; return the last answer."""
    return [join(Client(), f"{n}", **headers).status_code for n in numbers][-1]


@pytest.fixture
def few_numbers(monkeypatch):
    monkeypatch.setattr(throttle, "JOINS_PER_ADDRESS", "12/hour")


def test_the_hundred_and_first_number_of_an_address_must_wait(alice):
    for number in range(2000, 2100):
        throttle.count_join(f"browser-{number}", "127.0.0.1", f"{number}")

    assert walk([3000]) == 429
    assert walk([3000], REMOTE_ADDR="192.0.2.7") == 302


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_claimed_address_does_not_help(alice, few_numbers, header):
    for number in range(2000, 2012):
        assert walk([number], headers={header: f"192.0.2.{number - 1999}"}) == 302

    assert walk([3000], headers={header: "192.0.2.251"}) == 429


def test_behind_a_proxy_its_word_counts(alice, few_numbers, settings):
    settings.BEHIND_PROXY = True
    for number in range(2000, 2012):
        walk([number], headers={"X-Real-IP": "192.0.2.1"})

    assert walk([3000], headers={"X-Real-IP": "192.0.2.1"}) == 429
    assert walk([3000], headers={"X-Real-IP": "192.0.2.2"}) == 302
