import hashlib

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse

from rooms.actions import (
    announce_file,
    delete_attachment,
    delete_message,
    leave_room,
    remove_member,
)
from rooms.models import Attachment
from tests.conftest import client_of, upload
from tests.images import image

CONTENT = bytes(range(256)) * 4
ACTIVE = ["a.html", "a.svg", "a.xml", "a.xhtml", "a.mht", "a.swf", "a.js", "a.pdf.exe"]


@pytest.fixture
def attachment(alice, post):
    return post(uploads=[upload("plan.pdf", CONTENT)]).attachments.get()


def address_of(attachment, room=None):
    room = room or attachment.message.room
    return f"/rooms/{room.public_id}/files/{attachment.public_id}/"


def download(client, attachment, *, room=None, method="get", query="", **headers):
    """Return the response with its whole body as `content`, however it streams."""
    send = getattr(client, method)
    response = send(f"{address_of(attachment, room)}{query}", headers=headers)
    if not response.streaming:
        return response

    async def read():
        return b"".join([chunk async for chunk in response])

    whole = HttpResponse(async_to_sync(read)(), status=response.status_code)
    for name, value in response.headers.items():
        whole[name] = value
    return whole


def test_a_member_gets_the_bytes(bob_client, attachment):
    response = download(bob_client, attachment)

    assert (response.status_code, response.content) == (200, CONTENT)
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Type"] == "application/pdf"
    assert response["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'


def test_nothing_in_it_can_run(bob_client, attachment):
    response = download(bob_client, attachment)

    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ACTIVE)
def test_active_content_is_bytes_only(alice, bob_client, post, name):
    attachment = post(uploads=[upload(name, b"<script>")]).attachments.get()

    response = download(bob_client, attachment)

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b.txt', 'attachment; filename="a\\"b.txt"'),
        ("a\\b;.txt", 'attachment; filename="a\\\\b;.txt"'),
        ("résumé.pdf", "attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf"),
        ("a\r\nSet-Cookie: y", "attachment; filename*=utf-8''a%0D%0ASet-Cookie%3A%20y"),
    ],
)
def test_any_name_is_one_header_line(bob_client, attachment, name, header):
    attachment.name = name
    attachment.save()

    response = download(bob_client, attachment)

    assert response["Content-Disposition"] == header


def test_an_empty_file_is_empty(alice, bob_client, post):
    attachment = post(uploads=[upload("empty", b"")]).attachments.get()

    response = download(bob_client, attachment)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == "0"


def test_head_tells_the_same_without_bytes(bob_client, attachment):
    whole = download(bob_client, attachment)

    response = download(bob_client, attachment, method="head")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers.items() == whole.headers.items()


@pytest.mark.parametrize("method", ["get", "head"])
def test_what_is_uploading_is_not_there_yet(bob_client, attachment, method):
    Attachment.objects.update(state="uploading")

    response = download(bob_client, attachment, method=method)

    assert response.status_code == 404
    missing = getattr(bob_client, method)(address_of(attachment)[:-23] + "x" * 22 + "/")
    assert response.headers.items() == missing.headers.items()


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_who_has_it_already_gets_no_bytes(bob_client, attachment, form, method):
    tags = form.format(attachment.sha256)

    response = download(
        bob_client, attachment, method=method, **{"if-none-match": tags}
    )

    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == f'"{attachment.sha256}"'


@pytest.mark.parametrize("tags", ['"other"', "", "nonsense", "\xff"])
def test_who_has_another_gets_it(bob_client, attachment, tags):
    response = download(bob_client, attachment, **{"if-none-match": tags})

    assert (response.status_code, response.content) == (200, CONTENT)


@pytest.mark.parametrize(
    ("name", "type_"),
    [("a.mp3", "audio/mpeg"), ("a.mp4", "video/mp4"), ("a.webm", "video/webm")],
)
def test_players_get_parts_of_a_download(bob_client, post, name, type_):
    attachment = post(uploads=[upload(name, CONTENT)]).attachments.get()

    response = download(bob_client, attachment, range="bytes=10-19")

    assert (response.status_code, response.content) == (206, CONTENT[10:20])
    assert response["Content-Type"] == type_
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


HOSTILE = ["../../etc/passwd", "..\\..\\x", "/abs", "C:\\x", "a/b", ".htaccess", "CON"]
HOSTILE += ["x\0.png", "n" * 300 + ".txt", "", ".", "..", "%2e%2e%2f", "\u202egpj.exe"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_storage(
    bob, bob_client, post, media_root, tmp_path, name
):
    attachment = post(author=bob, uploads=[upload("x", CONTENT)]).attachments.get()
    named = announce_file(name, len(CONTENT))
    Attachment.objects.filter(pk=attachment.pk).update(name=named.name)

    response = download(bob_client, Attachment.objects.get())

    assert 0 < len(named.name) <= 150
    assert not set(named.name) & set("/\\\0\u202e")
    assert response.content == CONTENT
    outside = [p for p in tmp_path.rglob("*") if media_root not in {p, *p.parents}]
    assert outside == []


def missing_like(client, attachment):
    return client.get(address_of(attachment)[:-23] + "x" * 22 + "/")


def test_a_stranger_is_answered_as_if_there_were_none(charlie_client, attachment):
    response = download(charlie_client, attachment)

    missing = missing_like(charlie_client, attachment)
    assert (response.status_code, missing.status_code) == (404, 404)
    assert response.content == missing.content
    assert response.headers.items() == missing.headers.items()


def test_files_of_another_room_are_not_found(charlie_client, backroom, attachment):
    response = download(charlie_client, attachment, room=backroom)

    assert response.status_code == 404
    assert response.content == missing_like(charlie_client, attachment).content


@pytest.mark.parametrize("ending", [leave_room, remove_member])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_former_member_is_a_stranger(bob, attachment, ending, method):
    client = client_of(bob)
    ending(bob)

    response = download(client, attachment, method=method, range="bytes=0-0")

    assert (response.status_code, response.has_header("ETag")) == (404, False)


def test_a_browser_that_never_joined_is_led_away(stranger_client, attachment):
    response = download(stranger_client, attachment)

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("what", ["attachment", "message", "bytes"])
def test_what_was_deleted_is_not_found(bob_client, attachment, media_root, what):
    deeds = {
        "attachment": lambda: delete_attachment(attachment),
        "message": lambda: delete_message(attachment.message),
        "bytes": (media_root / attachment.file.name).unlink,
    }
    deeds[what]()

    assert download(bob_client, attachment).status_code == 404


def test_there_is_no_other_way_to_the_bytes(alice_client, attachment):
    paths = [f"{prefix}/{attachment.file.name}" for prefix in ("", "/media", "/static")]

    assert [alice_client.get(path).status_code for path in paths] == [404] * 3


def test_a_front_server_may_send_the_bytes(bob_client, attachment, settings):
    settings.ACCEL_REDIRECT_URL = "/protected/"

    response = download(bob_client, attachment)

    assert response["X-Accel-Redirect"] == f"/protected/{attachment.file.name}"
    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert response.content == b""


def test_what_goes_on_is_sent_by_ourselves(bob_client, attachment, settings):
    settings.ACCEL_REDIRECT_URL = "/protected/"
    headers = {"range": "bytes=50-", "if-range": f'"{attachment.sha256}"'}

    response = download(bob_client, attachment, **headers)

    assert (response.status_code, response.content) == (206, CONTENT[50:])
    assert response.has_header("X-Accel-Redirect") is False


def test_exif_stays_in_the_original(bob_client, post):
    content = image("JPEG")
    attachment = post(uploads=[upload("a.jpg", content)]).attachments.get()

    assert download(bob_client, attachment).content == content
