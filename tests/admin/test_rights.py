import pytest
from django.test import Client

from rooms.models import Room
from tests.admin.test_changes import delete_marked, delete_one
from tests.conftest import upload
from tests.pages import text_of

NUMBER = "730519264407"
LISTS = ["room", "membership", "message", "attachment"]


@pytest.fixture
def numbered(lounge):
    Room.objects.filter(pk=lounge.pk).update(number=NUMBER)
    return lounge


def pages_of(client, room):
    yield text_of(client.get("/admin/rooms/room/"))
    yield text_of(client.get(f"/admin/rooms/room/{room.pk}/change/"))
    yield text_of(client.get(f"/admin/rooms/room/{room.pk}/delete/"))
    yield text_of(client.get(f"/admin/rooms/room/{room.pk}/history/"))


def test_the_number_is_hidden_from_staff(staff_of, alice, bob, charlie, numbered):
    client = staff_of("view_room", "change_room", "delete_room")

    assert [page.count(NUMBER) for page in pages_of(client, numbered)] == [0] * 4


def test_the_number_is_shown_with_the_right(staff_of, numbered):
    client = staff_of("view_room", "change_room", "view_number")

    shown = text_of(client.get(f"/admin/rooms/room/{numbered.pk}/change/"))

    assert shown.count(NUMBER) == 1


@pytest.mark.parametrize(
    ("rights", "found"),
    [(["view_room"], 0), (["view_room", "view_number"], 1)],
)
def test_searching_by_number_needs_the_right(staff_of, numbered, rights, found):
    client = staff_of(*rights)

    page = text_of(client.get("/admin/rooms/room/", {"q": NUMBER}))

    assert page.count("Alice&#x27;s room") == found


GUESSES = ["number", "number__startswith", "number__contains", "number__regex"]


@pytest.mark.parametrize("lookup", GUESSES)
@pytest.mark.parametrize("name", ["room", "membership", "message", "attachment"])
def test_the_number_cannot_be_guessed_by_filters(
    staff_of, numbered, bob, charlie, post, name, lookup
):
    post(author=bob, uploads=[upload()])
    path = {"room": "", "attachment": "room__"}.get(name, "room__")
    client = staff_of("view_room", f"view_{name}")

    right, wrong = (
        client.get(f"/admin/rooms/{name}/", {f"{path}{lookup}": guess}).content
        for guess in (NUMBER, "9999")
    )

    rows = ["Alice", "Bob", "Charlie", "photo.png"]
    assert [right.count(r.encode()) for r in rows] == [
        wrong.count(r.encode()) for r in rows
    ]


@pytest.mark.parametrize("name", LISTS)
def test_staff_without_rights_see_nothing(staff_of, alice, name):
    assert staff_of().get(f"/admin/rooms/{name}/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_others_must_log_in(alice_client, django_user_model, name):
    account = Client()
    account.force_login(django_user_model.objects.create_user("bob"))

    for client in (Client(), alice_client, account):
        response = client.get(f"/admin/rooms/{name}/")
        assert response.status_code == 302
        assert response["Location"] == f"/admin/login/?next=/admin/rooms/{name}/"


@pytest.mark.parametrize("delete", [delete_one, delete_marked])
def test_who_may_only_look_deletes_nothing(staff_of, post, nothing_changes, delete):
    message = post(uploads=[upload()])
    client = staff_of("view_room", "view_message", "view_attachment")

    with nothing_changes():
        delete(client, "message", message.pk)
        delete(client, "attachment", message.attachments.get().pk)
        delete(client, "room", message.room_id)


def test_who_may_only_look_removes_nobody(staff_of, bob, nothing_changes):
    fields = {"action": "remove_members", "_selected_action": [bob.pk]}

    with nothing_changes():
        staff_of("view_membership").post("/admin/rooms/membership/", fields)


def test_who_may_only_look_renames_nothing(staff_of, lounge, nothing_changes):
    with nothing_changes():
        response = staff_of("view_room").post(
            f"/admin/rooms/room/{lounge.pk}/change/", {"name": "Parlour"}
        )

    assert response.status_code == 403


def test_without_the_pages_token_nothing_happens(admin_user, post, nothing_changes):
    message = post(uploads=[upload()])
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    with nothing_changes():
        response = delete_one(client, "message", message.pk)

    assert response.status_code == 403
