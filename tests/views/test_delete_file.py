import uuid

import pytest

from rooms.actions import announce_file, post_message
from rooms.models import Attachment, Membership
from tests.conftest import head_of, upload
from tests.images import give_preview
from tests.pages import text_of
from tests.views.test_download import address_of, download

MODERATOR = Membership.Role.MODERATOR


@pytest.fixture
def attachment(alice, bob, charlie, post):
    return post(uploads=[upload("a.png", b"A"), upload("b", b"B")]).attachments.first()


@pytest.fixture
def of_bob(bob, charlie, post):
    return post(author=bob, uploads=[upload("c", b"C")]).attachments.get()


def delete(client, attachment, **headers):
    return client.post(f"{address_of(attachment)}delete/", headers=headers)


def test_its_sender_takes_it_back(bob_client, of_bob, lounge, stored, announced):
    head = head_of(lounge)

    with announced() as heard:
        response = delete(bob_client, of_bob)

    assert (response.status_code, stored()) == (302, [])
    assert response["Location"] == f"/rooms/{lounge.public_id}/files/"
    assert [(room_id, e.change) for room_id, e in heard] == [(lounge.pk, head + 1)]


def test_who_looks_after_the_room_deletes_any(alice_client, of_bob):
    assert delete(alice_client, of_bob).status_code == 302
    assert Attachment.objects.count() == 0


def test_moderators_do_too(bob, bob_client, attachment):
    Membership.objects.filter(pk=bob.pk).update(role=MODERATOR)

    assert delete(bob_client, attachment).status_code == 302
    assert Attachment.objects.count() == 1


def test_others_may_not(bob_client, attachment, nothing_changes):
    with nothing_changes():
        response = delete(bob_client, attachment)

    assert response.status_code == 403
    assert text_of(response).count('role="alert">Only its sender') == 1


def test_programs_are_told_in_json(bob_client, alice_client, attachment):
    json = {"accept": "application/json"}

    refused, deleted = (
        delete(c, attachment, **json) for c in (bob_client, alice_client)
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (deleted.status_code, deleted.content) == (204, b"")


def test_who_looks_after_another_room_finds_nothing(
    charlie, charlie_client, attachment, nothing_changes
):
    path = address_of(attachment, charlie.room)

    with nothing_changes():
        assert charlie_client.post(f"{path}delete/").status_code == 404


def test_again_it_is_gone(bob_client, of_bob, nothing_changes):
    delete(bob_client, of_bob)

    with nothing_changes():
        assert delete(bob_client, of_bob).status_code == 404


def test_what_is_uploading_can_be_taken_back(bob, bob_client, charlie):
    posted = post_message(
        bob,
        client_id=uuid.uuid4(),
        body="Look",
        announced=[announce_file("a", 5)],
    )

    assert delete(bob_client, posted.message.attachments.get()).status_code == 302
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("what", ["", "thumbnail/", "picture/"])
def test_nobody_finds_it_any_more(
    alice_client, bob_client, attachment, what, announced
):
    give_preview(attachment)
    path = f"{address_of(attachment)}{what}"
    assert bob_client.get(path).status_code == 200

    with announced():
        delete(alice_client, attachment)

    assert bob_client.get(path).status_code == 404
    assert download(bob_client, Attachment.objects.get()).content == b"B"


@pytest.mark.parametrize(
    ("who", "may"), [("alice", True), ("bob", False), ("charlie", False)]
)
def test_the_page_offers_it_to_who_may(request, attachment, lounge, who, may):
    client = request.getfixturevalue(f"{who}_client")

    page = text_of(client.get(f"/rooms/{lounge.public_id}/files/"))

    assert (page.count("/delete/") > 0) == may
