import hashlib
import uuid

import pytest
from django.core.files.storage import default_storage

from rooms.actions import leave_room, post_message
from rooms.exceptions import (
    FilesTooLarge,
    NotAMember,
    StorageFull,
    TooLong,
    TooManyFiles,
)
from rooms.limits import BODY_CHARACTERS, FILES_PER_MESSAGE, MESSAGE_FILES_BYTES
from rooms.models import Attachment, Membership
from tests.conftest import upload


def test_files_are_stored_as_they_are(bob, post, stored):
    message = post(
        "Look", author=bob, uploads=[upload("a.png", b"A"), upload("b", b"")]
    )

    first, second = message.attachments.all()
    assert stored() == [b"", b"A"]
    assert (first.name, first.size, first.content_type) == ("a.png", 1, "image/png")
    assert first.sha256 == hashlib.sha256(b"A").hexdigest()
    assert (second.name, second.size) == ("b", 0)
    assert second.content_type == "application/octet-stream"


def test_files_need_no_words(alice, post):
    message = post("", uploads=[upload()])

    assert message.body == ""
    assert message.attachments.count() == 1


def test_everyone_hears_of_all_files_at_once(bob, charlie, post, announced):
    with announced() as heard:
        message = post(author=bob, uploads=[upload("a"), upload("b")])

    assert [room_id for room_id, _event in heard] == [bob.room_id]
    assert heard.changes == [message.change]


def test_same_client_id_stores_files_once(bob, nothing_changes):
    client_id = uuid.uuid4()
    post_message(bob, client_id=client_id, body="", uploads=[upload("a", b"A")])

    with nothing_changes():
        again = post_message(
            bob, client_id=client_id, body="", uploads=[upload("b", b"B")]
        )

    assert [a.name for a in again.message.attachments.all()] == ["a"]


def test_as_many_files_as_allowed(bob, post):
    uploads = [upload(f"{i}") for i in range(FILES_PER_MESSAGE)]

    message = post(author=bob, uploads=uploads)

    assert message.attachments.count() == FILES_PER_MESSAGE


def test_one_file_more_is_refused(bob, nothing_changes, post):
    uploads = [upload(f"{i}") for i in range(FILES_PER_MESSAGE + 1)]

    with nothing_changes(), pytest.raises(TooManyFiles):
        post(author=bob, uploads=uploads)


def test_too_many_bytes_together_are_refused(bob, nothing_changes, post):
    uploads = [upload("a"), upload("b")]
    uploads[0].size = uploads[1].size = MESSAGE_FILES_BYTES // 2 + 1

    with nothing_changes(), pytest.raises(FilesTooLarge):
        post(author=bob, uploads=uploads)


def test_refused_words_take_their_files_along(bob, nothing_changes, post):
    with nothing_changes(), pytest.raises(TooLong):
        post("x" * (BODY_CHARACTERS + 1), author=bob, uploads=[upload()])


def test_files_of_a_former_member_are_removed(bob, nothing_changes, post):
    leave_room(Membership.objects.get(pk=bob.pk))

    with nothing_changes(), pytest.raises(NotAMember):
        post(author=bob, uploads=[upload("a"), upload("b")])


def test_a_full_storage_keeps_no_halves(bob, nothing_changes, post, monkeypatch):
    save, calls = default_storage.save, []

    def save_only_one(*arguments, **options):
        calls.append(arguments)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return save(*arguments, **options)

    monkeypatch.setattr(default_storage, "save", save_only_one)

    with nothing_changes(), pytest.raises(StorageFull) as refused:
        post(author=bob, uploads=[upload("a"), upload("b")])

    assert (refused.value.status, bool(refused.value.retry_after)) == (507, True)


def test_a_failing_database_keeps_no_files(bob, nothing_changes, post, monkeypatch):
    def fail(attachments):
        raise RuntimeError

    monkeypatch.setattr(Attachment.objects, "bulk_create", fail)

    with nothing_changes(), pytest.raises(RuntimeError):
        post(author=bob, uploads=[upload()])


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.PNG", "image/png"),
        ("a.jpeg", "image/jpeg"),
        ("a.pdf", "application/pdf"),
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.webp", "image/webp"),
        ("a.m4a", "audio/mp4"),
        ("a.md", "text/markdown"),
        ("main.go", "text/plain"),
        ("a.txt.gz", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("README", "application/octet-stream"),
    ],
)
def test_the_name_tells_the_type(alice, post, name, content_type):
    message = post(uploads=[upload(name)])

    assert message.attachments.get().content_type == content_type
