"""What the admin changes goes through the actions: bytes go, rooms hear."""

import pytest

from rooms.actions import remove_member
from rooms.models import Attachment, Membership, Message, Room
from tests.conftest import upload
from tests.pages import text_of


@pytest.fixture
def message(bob, post):
    return post("Look", author=bob, uploads=[upload("a", b"A"), upload("b", b"B")])


def delete_one(client, name, pk):
    return client.post(f"/admin/rooms/{name}/{pk}/delete/", {"post": "yes"})


def delete_marked(client, name, *pks):
    fields = {"action": "delete_selected", "_selected_action": pks, "post": "yes"}
    return client.post(f"/admin/rooms/{name}/", fields)


DELETING = pytest.mark.parametrize("delete", [delete_one, delete_marked])


@DELETING
def test_a_deleted_message_is_gone_for_everyone(
    owner_client, charlie, message, stored, announced, delete
):
    with announced() as heard:
        response = delete(owner_client, "message", message.pk)

    kept = Message.objects.get(pk=message.pk)
    assert (response.status_code, kept.body, kept.is_deleted) == (302, "", True)
    assert (stored(), Attachment.objects.count()) == ([], 0)
    assert [(room_id, e.change) for room_id, e in heard] == [
        (kept.room_id, kept.change)
    ]


@DELETING
def test_a_deleted_file_is_gone_for_everyone(
    owner_client, charlie, message, stored, announced, delete
):
    file = message.attachments.get(name="a")

    with announced() as heard:
        response = delete(owner_client, "attachment", file.pk)

    kept = Message.objects.get(pk=message.pk)
    assert (response.status_code, kept.body, kept.is_deleted) == (302, "Look", False)
    assert stored() == [b"B"]
    assert [(room_id, e.change) for room_id, e in heard] == [
        (kept.room_id, kept.change)
    ]


def test_all_files_of_a_message_at_once(owner_client, message, stored, announced):
    files = [file.pk for file in message.attachments.all()]

    with announced() as heard:
        delete_marked(owner_client, "attachment", *files)

    assert (stored(), len(heard)) == ([], 2)


@DELETING
def test_a_deleted_room_is_gone_for_everyone(
    owner_client, charlie, message, stored, announced, delete
):
    with announced() as heard:
        response = delete(owner_client, "room", message.room_id)

    assert response.status_code == 302
    assert Room.objects.get() == charlie.room
    assert (stored(), heard.closed_rooms) == ([], [message.room_id])


def test_a_renamed_room_tells_its_members(owner_client, lounge, charlie, announced):
    with announced() as heard:
        owner_client.post(f"/admin/rooms/room/{lounge.pk}/change/", {"name": "Parlour"})

    notice = Message.objects.get(notice="renamed")
    assert Room.objects.get(pk=lounge.pk).name == notice.body == "Parlour"
    assert [(room_id, e.change) for room_id, e in heard] == [(lounge.pk, notice.change)]


def test_saving_without_a_change_tells_nobody(owner_client, lounge, nothing_changes):
    with nothing_changes():
        owner_client.post(
            f"/admin/rooms/room/{lounge.pk}/change/", {"name": lounge.name}
        )


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b"])
def test_a_bad_name_is_refused(owner_client, lounge, nothing_changes, name):
    with nothing_changes():
        response = owner_client.post(
            f"/admin/rooms/room/{lounge.pk}/change/", {"name": name}
        )

    assert text_of(response).count("errorlist") > 0


def test_members_are_removed(owner_client, alice, bob, charlie, announced):
    fields = {"action": "remove_members", "_selected_action": [bob.pk]}

    with announced() as heard:
        owner_client.post("/admin/rooms/membership/", fields)

    removed = Membership.objects.get(is_removed=True)
    assert (removed, removed.is_active) == (bob, False)
    assert [(room_id, e.closes) for room_id, e in heard] == [
        (bob.room_id, {bob.pk: 4403})
    ]


def test_removing_again_is_harmless(owner_client, bob, nothing_changes):
    remove_member(bob)
    fields = {"action": "remove_members", "_selected_action": [bob.pk]}

    with nothing_changes():
        owner_client.post("/admin/rooms/membership/", fields)


def test_notices_are_not_deleted(owner_client, bob, nothing_changes):
    notice = Message.objects.get(notice="joined")

    with nothing_changes():
        response = delete_one(owner_client, "message", notice.pk)
        delete_marked(owner_client, "message", notice.pk)

    assert response.status_code == 403


def test_members_are_not_deleted(owner_client, bob, nothing_changes):
    with nothing_changes():
        response = delete_one(owner_client, "membership", bob.pk)
        delete_marked(owner_client, "membership", bob.pk)

    assert response.status_code == 403


@pytest.mark.parametrize("name", ["message", "membership", "attachment"])
def test_what_people_wrote_is_not_edited(
    owner_client, bob, message, nothing_changes, name
):
    pks = {"message": message.pk, "membership": bob.pk}
    pk = pks.get(name) or message.attachments.first().pk
    fields = {
        "body": "Forged",
        "name": "Forged",
        "author_name": "Forged",
        "role": "owner",
    }

    with nothing_changes():
        owner_client.post(f"/admin/rooms/{name}/{pk}/change/", fields)
