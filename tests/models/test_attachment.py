import re

import pytest
from django.db import IntegrityError, transaction

from rooms.models import Attachment
from rooms.models.attachment import storage_name
from tests.conftest import upload

PLACE = re.compile(r"files/([0-9a-f]{2})/\1[0-9a-f]{30}")


def test_the_place_is_random_and_tells_nothing():
    places = {storage_name(None, "secret.html") for _ in range(100)}

    assert len(places) == 100
    assert all(PLACE.fullmatch(place) for place in places)


@pytest.mark.parametrize("name", ["../../x", "a/b", "x.html", "é" * 200, "CON", ".."])
def test_bytes_stay_inside_the_storage(alice, post, media_root, name):
    attachment = post(uploads=[upload("x")]).attachments.get()
    attachment.file.save(name, upload("x"), save=False)

    files = [path for path in media_root.parent.rglob("*") if path.is_file()]
    assert PLACE.fullmatch(attachment.file.name)
    assert all(PLACE.fullmatch(str(path.relative_to(media_root))) for path in files)


@pytest.mark.parametrize(
    ("content_type", "served", "is_image"),
    [
        ("image/png", "image/png", True),
        ("image/jpeg", "image/jpeg", True),
        ("image/webp", "image/webp", True),
        ("image/svg+xml", "application/octet-stream", False),
        ("text/plain", "text/plain", False),
        ("text/html", "application/octet-stream", False),
        ("text/xml", "application/octet-stream", False),
        ("application/pdf", "application/pdf", False),
        ("application/xhtml+xml", "application/octet-stream", False),
        ("application/javascript", "application/octet-stream", False),
        ("multipart/related", "application/octet-stream", False),
        ("", "application/octet-stream", False),
    ],
)
def test_what_could_run_is_served_as_bytes(content_type, served, is_image):
    attachment = Attachment(content_type=content_type)

    assert (attachment.served_type, attachment.is_image) == (served, is_image)


def test_public_ids_are_unique(alice, bob, charlie, post):
    first = post(uploads=[upload()]).attachments.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.create(
            message=first.message, public_id=first.public_id, size=0
        )


def test_files_keep_the_order_in_which_they_were_chosen(bob, post):
    names = ["z", "a", "m"]

    message = post(author=bob, uploads=[upload(name) for name in names])

    assert [attachment.name for attachment in message.attachments.all()] == names
