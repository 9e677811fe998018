"""Who may reach what: everybody on every address."""

import uuid

import pytest
from django.test import Client

from rooms.models import Membership, Message
from tests.conftest import upload
from tests.images import give_preview

PEOPLE = ["alice", "bob", "charlie", "former", "removed", "stranger"]
MEMBERS = {"alice", "bob"}
TINY = {"range": "bytes=0-0"}
KNOWN = {"if-none-match": "*"}
ROUTES = {
    "page": ("get", "/rooms/{room}/"),
    "page of headers": ("head", "/rooms/{room}/"),
    "older": ("get", "/rooms/{room}/?before=2"),
    "file": ("get", "/rooms/{room}/files/{file}/"),
    "file headers": ("head", "/rooms/{room}/files/{file}/"),
    "part of a file": ("get", "/rooms/{room}/files/{file}/", TINY),
    "part beyond it": ("get", "/rooms/{room}/files/{file}/", {"range": "bytes=9999-"}),
    "file known": ("get", "/rooms/{room}/files/{file}/", KNOWN),
    "thumbnail": ("get", "/rooms/{room}/files/{file}/thumbnail/"),
    "thumbnail headers": ("head", "/rooms/{room}/files/{file}/thumbnail/"),
    "thumbnail known": ("get", "/rooms/{room}/files/{file}/thumbnail/", KNOWN),
    "picture": ("get", "/rooms/{room}/files/{file}/picture/"),
    "picture known": ("get", "/rooms/{room}/files/{file}/picture/", KNOWN),
    "zip": ("get", "/rooms/{room}/files.zip"),
    "zip of one": ("get", "/rooms/{room}/files.zip?file={file}"),
    "zip headers": ("head", "/rooms/{room}/files.zip?file={file}"),
    "shelf": ("get", "/rooms/{room}/files/"),
    "shelf, searched": ("get", "/rooms/{room}/files/?q=secret"),
    "received": ("post", "/rooms/{room}/files/{file}/received/"),
    "post": ("post", "/rooms/{room}/messages/"),
    "delete a file": ("post", "/rooms/{room}/files/{file}/delete/"),
    "leave": ("post", "/rooms/{room}/leave/"),
}
FILE_ROUTES = [name for name in ROUTES if "{file}" in ROUTES[name][1]]
NEW = dict.fromkeys(ROUTES, 200) | {"post": 302, "delete a file": 302, "leave": 302}
NEW |= {"part of a file": 206, "part beyond it": 416, "received": 204}
NEW |= dict.fromkeys(["file known", "thumbnail known", "picture known"], 304)


@pytest.fixture
def clients(request):
    """A function that returns somebody's browser."""
    return lambda who: request.getfixturevalue(f"{who}_client")


@pytest.fixture
def ask(alice, bob, charlie, post):
    """A function that sends a person's request to the lounge, or to no room at all."""
    message = post("Secret", author=bob, uploads=[upload("secret.png")])
    attachment = message.attachments.get()
    give_preview(attachment)

    def send(client, route, *, room=None, file=attachment.public_id):
        method, path, headers = (*ROUTES[route], {})[:3]
        path = path.format(room=room or alice.room.public_id, file=file)
        fields = {"client_id": str(uuid.uuid4()), "body": "Hello"}
        fields = fields if method == "post" else None
        return getattr(client, method)(path, fields, headers=headers)

    return send


def everything_of(response):
    clocks = {"Expires", "Date"}
    headers = {k: v for k, v in response.headers.items() if k not in clocks}
    return response.status_code, list(headers.items()), response.content


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


@pytest.mark.parametrize("route", FILE_ROUTES)
@pytest.mark.parametrize("who", ["charlie", "former", "removed"])
def test_a_file_that_is_there_is_as_one_that_never_was(
    clients, ask, nothing_changes, who, route
):
    client = clients(who)

    with nothing_changes():
        response, missing = ask(client, route), ask(client, route, file="x" * 22)

    assert everything_of(response) == everything_of(missing)
    assert response.status_code == 404


@pytest.mark.parametrize("route", FILE_ROUTES)
def test_files_of_other_rooms_are_as_ones_that_never_were(
    charlie, charlie_client, ask, nothing_changes, route
):
    room = charlie.room.public_id

    with nothing_changes():
        response = ask(charlie_client, route, room=room)
        missing = ask(charlie_client, route, room=room, file="x" * 22)

    assert everything_of(response) == everything_of(missing)
    assert response.status_code == 404


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
