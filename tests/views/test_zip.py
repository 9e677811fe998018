import io
import zipfile
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync

from rooms.actions import leave_room
from rooms.limits import FILES_PER_MESSAGE
from rooms.models import Attachment, Receipt
from rooms.views import zips
from tests.conftest import upload
from tests.pages import text_of
from tests.views.test_download import address_of


@pytest.fixture
def files(alice, bob, charlie, post):
    names = ["a.txt", "A.txt", "a.txt", "b", "b", "a (2).txt"]
    uploads = [upload(name, f"{i}".encode() * 500) for i, name in enumerate(names)]
    post(author=charlie, uploads=[upload("other.txt", b"Secret")])
    return list(post(uploads=uploads).attachments.all())


def ask(client, room, *files, method="get"):
    query = "&".join(f"file={file.public_id}" for file in files)
    return getattr(client, method)(f"/rooms/{room.public_id}/files.zip?{query}")


def bytes_of(response):
    async def read():
        return b"".join([chunk async for chunk in response])

    return async_to_sync(read)()


def unpacked(response):
    content = bytes_of(response)
    assert response["Content-Length"] == str(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name)[:1] for name in archive.namelist()}


def test_all_files_under_different_names(bob_client, lounge, files):
    response = ask(bob_client, lounge)

    assert unpacked(response) == {
        "a.txt": b"0",
        "A (2).txt": b"1",
        "a (3).txt": b"2",
        "b": b"3",
        "b (2)": b"4",
        "a (2) (2).txt": b"5",
    }


def test_some_files(bob_client, lounge, files):
    assert unpacked(ask(bob_client, lounge, files[3], files[0])) == {
        "a.txt": b"0",
        "b": b"3",
    }


def test_it_is_a_download_and_not_kept(bob_client, lounge, files):
    response = ask(bob_client, lounge)

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == (
        """attachment; filename="Alice's room.zip\""""
    )
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    bytes_of(response)


def test_head_tells_the_same_without_bytes(bob_client, lounge, files):
    head = ask(bob_client, lounge, method="head")
    whole = ask(bob_client, lounge)

    clocks = {"Expires"}
    shown = [{*r.headers.items()} for r in (head, whole)]
    assert {k for k, _v in shown[0] ^ shown[1]} - clocks == set()
    assert head.content == b""
    bytes_of(whole)


def test_what_is_uploading_is_left_out(bob_client, lounge, files):
    Attachment.objects.filter(name="b").update(state="uploading")

    assert set(unpacked(ask(bob_client, lounge, files[0], files[3]))) == {"a.txt"}


@pytest.mark.parametrize("what", ["other room", "unknown", "uploading", "empty room"])
def test_nothing_to_pack_is_not_found(bob_client, lounge, files, what):
    wanted = {
        "other room": Attachment.objects.get(name="other.txt"),
        "unknown": SimpleNamespace(public_id="x" * 22),
        "uploading": files[0],
    }.get(what)
    if what == "uploading":
        Attachment.objects.update(state="uploading")
    if what == "empty room":
        Attachment.objects.filter(room=lounge).delete()

    assert ask(bob_client, lounge, *filter(None, [wanted])).status_code == 404


def test_the_newest_are_packed_when_there_are_too_many(
    bob_client, lounge, files, monkeypatch
):
    monkeypatch.setattr(zips, "ZIP_FILES", 2)

    assert set(unpacked(ask(bob_client, lounge))) == {"b", "a (2).txt"}


def test_who_got_all_of_it_has_its_files(bob_client, lounge, files):
    bytes_of(ask(bob_client, lounge, files[0], files[1]))

    assert set(Receipt.objects.values_list("attachment", "name")) == {
        (files[0].pk, "Bob"),
        (files[1].pk, "Bob"),
    }


def test_a_zip_that_is_cut_gives_no_receipt_and_closes_its_file(
    bob_client, lounge, files, monkeypatch
):
    opened = []
    open_file = Attachment.file.field.attr_class.open

    def noted(field, *arguments):
        opened.append(open_file(field, *arguments))
        return opened[-1]

    monkeypatch.setattr(Attachment.file.field.attr_class, "open", noted)
    response = ask(bob_client, lounge)

    async def read_a_little():
        chunks = aiter(response.streaming_content)
        await anext(chunks)
        await anext(chunks)
        await chunks.aclose()

    async_to_sync(read_a_little)()

    assert len(opened) >= 1
    assert [file.closed for file in opened] == [True] * len(opened)
    assert Receipt.objects.count() == 0


def test_bytes_that_are_lost_end_it(bob_client, lounge, files, media_root):
    (media_root / files[1].file.name).unlink()

    with pytest.raises(FileNotFoundError):
        bytes_of(ask(bob_client, lounge))


def test_files_are_read_when_it_is_their_turn(bob_client, lounge, files, monkeypatch):
    opened = []
    monkeypatch.setattr(
        zips, "pieces", lambda file, *_: opened.append(1) or iter([b""])
    )

    response = ask(bob_client, lounge)

    assert (response.status_code, opened) == (200, [])


def test_a_former_member_gets_none(bob, bob_client, lounge, files):
    leave_room(bob)

    assert ask(bob_client, lounge).status_code == 404


def test_a_page_of_ticks_fits_into_the_address(bob_client, lounge, alice, bob, post):
    files = []
    for _message in range(5):
        uploads = [upload(f"{n}") for n in range(FILES_PER_MESSAGE)]
        files += post(uploads=uploads).attachments.all()

    assert len(unpacked(ask(bob_client, lounge, *files))) == 50
    assert address_of(files[0]).endswith("/")


def test_more_ticks_than_a_form_has_fields(bob_client, lounge, files):
    others = [SimpleNamespace(public_id=f"none{number}") for number in range(200)]

    assert list(unpacked(ask(bob_client, lounge, files[0], *others))) == ["a.txt"]


def test_too_many_ticks_are_refused_on_the_page(bob_client, lounge, files):
    others = [SimpleNamespace(public_id=f"none{number}") for number in range(250)]

    response = ask(bob_client, lounge, files[0], *others)
    page = bob_client.get(response["Location"])

    assert (response.status_code, page.status_code) == (302, 200)
    assert "At most 250 files can be ticked" in text_of(page)
