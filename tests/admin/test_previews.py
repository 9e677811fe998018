import io

import pytest
from django.test import Client
from PIL import Image

from rooms import actions
from rooms.limits import PREVIEW_SIDE, PREVIEW_TEXT_BYTES
from rooms.models import Attachment
from tests.conftest import upload
from tests.images import SECRET_PLACE, bomb, image
from tests.pages import text_of

NO_PREVIEW = "There is no preview for this kind of file."


@pytest.fixture
def preview(owner_client, bob, charlie, post):
    """A function that posts a file and returns its preview."""

    def look(name, content, client=owner_client):
        file = post(author=bob, uploads=[upload(name, content)]).attachments.get()
        actions.make_waiting_preview()
        return client.get(f"/admin/rooms/attachment/{file.pk}/preview/")

    return look


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")]
)
def test_an_image_is_drawn_again_small(preview, name, kind):
    content = image(kind)

    response = preview(name, content)

    shown = Image.open(io.BytesIO(response.content))
    assert content.count(SECRET_PLACE.encode()) == 1
    assert response["Content-Type"] == "image/webp"
    assert (shown.format, shown.size) == ("WEBP", (PREVIEW_SIDE, PREVIEW_SIDE // 2))
    assert dict(shown.getexif()) == {}
    assert response.content.count(SECRET_PLACE.encode()) == 0


def test_an_animation_is_one_image(preview):
    output = io.BytesIO()
    frames = [Image.new("P", (20, 20), number) for number in range(50)]
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])

    response = preview("a.gif", output.getvalue())

    assert getattr(Image.open(io.BytesIO(response.content)), "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"<html><script>alert(1)</script>"),
        ("a.png", b""),
        ("a.png", image()[:200]),
        ("a.png", image("JPEG")),
        ("a.jpg", b"\xff\xd8\xff\xe0<script>"),
        ("a.png", bomb()),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.pdf", b"%PDF-1.4"),
        ("a.zip", b"PK"),
    ],
    ids=["html", "empty", "cut", "other", "broken", "bomb", "svg", "pdf", "zip"],
)
def test_what_is_no_image_has_no_preview(preview, name, content):
    response = preview(name, content)

    assert (response.status_code, text_of(response)) == (200, NO_PREVIEW)
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv"])
def test_the_start_of_a_text_is_only_text(preview, name):
    content = b"<script>" + b"x" * PREVIEW_TEXT_BYTES

    response = preview(name, content)

    assert response.content == content[:PREVIEW_TEXT_BYTES]
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["a.png", "a.txt", "a.bin"])
def test_nothing_in_it_can_run(preview, name):
    response = preview(name, image())

    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    kept = {part.strip() for part in response["Cache-Control"].split(",")}
    assert {"private", "no-store"} - kept == set()


def test_missing_bytes_are_told(owner_client, post, media_root):
    for name in ("a.png", "a.txt"):
        file = post(uploads=[upload(name)]).attachments.get()
        (media_root / file.file.name).unlink()
        actions.make_waiting_preview()

        response = owner_client.get(f"/admin/rooms/attachment/{file.pk}/preview/")

        assert (response.status_code, text_of(response)) == (200, NO_PREVIEW)


def test_one_that_waits_is_promised(owner_client, post):
    file = post(uploads=[upload("a.png", image())]).attachments.get()

    response = owner_client.get(f"/admin/rooms/attachment/{file.pk}/preview/")

    assert text_of(response) == "The preview is being made."


def test_the_server_itself_decodes_nothing(preview, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_arguments, **_options: 1 / 0)

    assert preview("a.png", image())["Content-Type"] == "image/webp"


def test_an_upload_has_no_preview(owner_client, post):
    file = post(uploads=[upload("a.txt", b"Secret")]).attachments.get()
    Attachment.objects.update(state="uploading")

    response = owner_client.get(f"/admin/rooms/attachment/{file.pk}/preview/")

    assert text_of(response) == NO_PREVIEW


def test_others_see_no_preview(preview, alice_client, staff_of):
    page = preview("a.txt", b"Secret", client=staff_of("view_room"))

    assert (page.status_code, text_of(page).count("Secret")) == (404, 0)
    for client in (Client(), alice_client):
        assert preview("a.txt", b"Secret", client=client).status_code == 302


def test_a_file_that_is_none_has_no_preview(owner_client, db):
    assert owner_client.get("/admin/rooms/attachment/99/preview/").status_code == 404
