import uuid

import pytest

from rooms.actions import announce_file, post_message
from rooms.models import Attachment
from tests.conftest import upload
from tests.images import give_preview

BOTH = pytest.mark.parametrize(
    ("what", "content"), [("thumbnail", b"small"), ("picture", b"large")]
)


@pytest.fixture
def attachment(alice, bob, post):
    attachment = post(uploads=[upload("a.png")]).attachments.get()
    give_preview(attachment)
    return Attachment.objects.get()


def look(client, attachment, what="thumbnail", **headers):
    room = attachment.room.public_id
    path = f"/rooms/{room}/files/{attachment.public_id}/{what}/"
    return client.get(path, headers=headers)


@BOTH
def test_members_see_it_in_the_page(bob_client, attachment, what, content):
    response = look(bob_client, attachment, what)

    assert (response.status_code, response.content) == (200, content)
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Disposition"] == "inline"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@BOTH
def test_browsers_keep_it_and_ask_again(bob_client, attachment, what, content):
    first = look(bob_client, attachment, what)

    again = look(bob_client, attachment, what, **{"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Vary"]) == (first["ETag"], first["Vary"])


def test_its_tag_tells_no_place(bob_client, attachment):
    tags = {
        look(bob_client, attachment, what)["ETag"] for what in ("thumbnail", "picture")
    }

    assert len(tags) == 2
    assert all(name[9:] not in str(tags) for name in attachment.stored_names)


@pytest.mark.parametrize("what", ["thumbnail", "picture"])
@pytest.mark.parametrize("preview", ["", "waiting"])
def test_without_a_preview_there_is_none(bob_client, attachment, what, preview):
    Attachment.objects.update(preview=preview)

    assert look(bob_client, attachment, what).status_code == 404


def test_lost_bytes_are_not_found(bob_client, attachment, media_root):
    (media_root / attachment.thumbnail.name).unlink()

    assert look(bob_client, attachment).status_code == 404


@BOTH
def test_a_front_server_may_send_it(bob_client, attachment, settings, what, content):
    settings.ACCEL_REDIRECT_URL = "/protected/"

    response = look(bob_client, attachment, what)

    name = getattr(attachment, what).name
    assert response["X-Accel-Redirect"] == f"/protected/{name}"
    assert (response["Content-Type"], response.content) == ("image/webp", b"")


def test_an_announced_picture_has_none_yet(bob, bob_client, alice):
    posted = post_message(
        bob,
        client_id=uuid.uuid4(),
        body="",
        announced=[announce_file("a.png", 5)],
    )

    assert look(bob_client, posted.message.attachments.get()).status_code == 404
