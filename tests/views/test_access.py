"""Who may reach what: everybody on every address."""

import uuid

import pytest
from django.test import Client

from rooms.models import Membership, Message
from tests.conftest import upload

PEOPLE = ["alice", "bob", "charlie", "former", "removed", "stranger"]
MEMBERS = {"alice", "bob"}
ROUTES = {
    "page": ("get", "/rooms/{room}/"),
    "page of headers": ("head", "/rooms/{room}/"),
    "older": ("get", "/rooms/{room}/?before=2"),
    "file": ("get", "/rooms/{room}/files/{file}/"),
    "file headers": ("head", "/rooms/{room}/files/{file}/"),
    "post": ("post", "/rooms/{room}/messages/"),
    "leave": ("post", "/rooms/{room}/leave/"),
}
NEW = {"page": 200, "page of headers": 200, "older": 200, "file": 200}
NEW |= {"file headers": 200, "post": 302, "leave": 302}


@pytest.fixture
def clients(request):
    """A function that returns somebody's browser."""
    return lambda who: request.getfixturevalue(f"{who}_client")


@pytest.fixture
def ask(alice, bob, charlie, post):
    """A function that sends a person's request to the lounge, or to no room at all."""
    file = post("Secret", uploads=[upload("secret.txt")]).attachments.get()

    def send(client, route, *, room=None):
        method, path = ROUTES[route]
        room_id = room or alice.room.public_id
        return getattr(client, method)(
            path.format(room=room_id, file=file.public_id),
            {"client_id": str(uuid.uuid4()), "body": "Hello"},
        )

    return send


def everything_of(response):
    clocks = {"Expires", "Date"}
    headers = {k: v for k, v in response.headers.items() if k not in clocks}
    return response.status_code, headers, response.content


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_members_are_let_in(clients, ask, who, route):
    response = ask(clients(who), route)

    assert response.status_code == NEW[route]
    assert response.headers.get("Location", "/")[:1] == "/"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", ["charlie", "former", "removed"])
def test_others_are_answered_as_if_there_were_none(
    clients, ask, nothing_changes, who, route
):
    client = clients(who)

    with nothing_changes():
        response = ask(client, route)
        missing = ask(client, route, room="x" * 22)

    assert everything_of(response) == everything_of(missing)
    assert (response.status_code, response.content.count(b"Secret")) == (404, 0)


@pytest.mark.parametrize("route", ROUTES)
def test_strangers_are_led_to_the_welcome_page(ask, nothing_changes, route):
    client = Client()

    with nothing_changes():
        response = ask(client, route)
        missing = ask(client, route, room="x" * 22)

    assert everything_of(response) == everything_of(missing)
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_reaches_the_admin(clients, ask, who):
    response = clients(who).get("/admin/rooms/message/")

    assert response.status_code == 302
    assert response["Location"] == "/admin/login/?next=/admin/rooms/message/"


def test_row_numbers_lead_nowhere(bob_client, ask, bob):
    numbers = [1, bob.pk, bob.room_id, Message.objects.latest("pk").pk]

    found = {bob_client.get(f"/rooms/{number}/").status_code for number in numbers}

    assert found == {404}


def test_an_old_session_opens_nothing_of_a_new_member(bob, former_client, ask):
    former_client.post("/", {"name": "Erin", "number": "2002"})

    assert ask(former_client, "page").status_code == 404
    assert Membership.objects.get(name="Erin", room__number="2002").is_active
