import pytest

from rooms.actions import leave_room, remove_member
from rooms.limits import MADE_NUMBER_DIGITS, NUMBER_DIGITS
from rooms.models import Membership, Room
from tests.conftest import client_of
from tests.pages import Fields, text_of

NO_NUMBERS = ["", " ", "12a", "½", "-", "1" * (NUMBER_DIGITS + 1), "1" * 5000, "1\x00"]
NO_NAMES = ["", " ", "\u200b\u200d", "\u202e", "\x07Bob", "\ue000", "x" * 41, "\u0301"]


def join(client, name="Bob", number="1001", follow=False, **extra):
    return client.post("/", {"name": name, "number": number} | extra, follow=follow)


def test_a_stranger_sees_two_fields(alice, bob, charlie, stranger_client):
    page = text_of(stranger_client.get("/"))

    fields = Fields(page).fields
    assert (fields["name"]["type"], fields["number"]["type"]) == ("text", "password")
    assert page.count("Alice") == page.count("lounge") == 0


def test_joining_leads_into_the_room(lounge, stranger_client):
    response = join(stranger_client)

    bob = Membership.objects.get(name="Bob")
    assert bob.room == lounge
    path, _hash, place = response["Location"].partition("#")
    assert (response.status_code, place) == (302, "latest")
    assert path == f"/rooms/{lounge.public_id}/"
    assert stranger_client.get(path).status_code == 200


def test_a_new_number_makes_a_room(db, stranger_client):
    page = text_of(join(stranger_client, "Alice", "7", follow=True))

    assert Room.objects.get().number == "7"
    assert page.count("Room created") == 1


def test_who_comes_back_is_known(bob_client, bob):
    page = text_of(join(bob_client, "Robert", follow=True))

    assert page.count("Welcome back, Bob!") == 1
    assert Membership.objects.filter(room=bob.room).count() == 2


def test_the_rooms_of_a_browser_are_listed(bob, charlie, bob_client):
    page = text_of(bob_client.get("/"))

    assert page.count(f'href="/rooms/{bob.room.public_id}/#latest"') == 1
    assert page.count(charlie.room.public_id) == 0


def test_rooms_left_behind_are_not_listed(bob, bob_client):
    leave_room(bob)

    assert text_of(bob_client.get("/")).count(bob.room.public_id) == 0


@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda n: ascii(n[:6]))
def test_what_is_no_number_is_refused(alice, stranger_client, nothing_changes, number):
    with nothing_changes():
        response = join(stranger_client, number=number)

    shown = Fields(text_of(response))
    assert (response.status_code, len(shown.errors)) == (400, 1)
    assert shown.fields["name"]["value"] == "Bob"
    assert shown.fields["number"]["aria-invalid"] == "true"


@pytest.mark.parametrize("name", NO_NAMES, ids=lambda n: ascii(n[:6]))
def test_what_is_no_name_is_refused(alice, stranger_client, nothing_changes, name):
    with nothing_changes():
        response = join(stranger_client, name=name)

    shown = Fields(text_of(response))
    assert (response.status_code, len(shown.errors)) == (400, 1)
    assert shown.fields["number"]["value"] == "1001"
    assert shown.fields["name"]["aria-invalid"] == "true"


@pytest.mark.parametrize("number", ["１００１", "١٠٠١", " 1001 ", "10-01", "1001\n"])
def test_one_number_written_in_many_ways_is_one_room(lounge, stranger_client, number):
    join(stranger_client, number=number)

    assert Room.objects.get() == lounge
    assert Membership.objects.get(name="Bob").room == lounge


def test_a_taken_name_is_refused_with_a_free_one(bob, stranger_client, nothing_changes):
    with nothing_changes():
        response = join(stranger_client, name="ＢＯＢ")

    page = text_of(response)
    assert response.status_code == 409
    assert Fields(page).fields["name"]["value"] == "ＢＯＢ"
    assert page.count('value="BOB 2"') + page.count('value="ＢＯＢ 2"') == 1


def test_the_suggestion_is_one_click_away(bob, stranger_client):
    response = stranger_client.post(  # the button comes after the field
        "/", {"name": ["Bob", "Bob 2"], "number": "1001"}
    )

    assert response.status_code == 302
    assert Membership.objects.filter(room=bob.room, name="Bob 2").count() == 1


def test_who_was_removed_is_refused(bob, nothing_changes):
    remove_member(bob)

    with nothing_changes():
        response = join(client_of(bob))

    shown = Fields(text_of(response))
    assert response.status_code == 403
    assert shown.errors == ["You cannot join this room."]


def test_a_number_is_made_and_shown(db, stranger_client, nothing_changes):
    with nothing_changes():
        response = join(stranger_client, name="Alice", number="", make_number="1")

    fields = Fields(text_of(response)).fields
    assert (response.status_code, fields["number"]["type"]) == (200, "text")
    assert len(fields["number"]["value"]) == MADE_NUMBER_DIGITS
    assert fields["name"]["value"] == "Alice"


def test_the_last_name_is_remembered(bob, stranger_client):
    join(stranger_client, name="Dave")

    page = text_of(stranger_client.get("/"))

    assert Fields(page).fields["name"]["value"] == "Dave"


def test_names_are_text(alice, stranger_client):
    name = "<b onclick=x>\"'{{7*7}}"

    page = text_of(join(stranger_client, name, "7", follow=True))

    assert Membership.objects.get(room__number="7").name == name
    assert page.count("<b onclick") == 0
    assert page.count("&lt;b onclick=x&gt;&quot;&#x27;{{7*7}}") > 0
