from django.db import transaction

from rooms.actions import delete_attachment, delete_message
from rooms.models import Attachment, Message
from tests.conftest import head_of, upload


def test_the_words_and_other_files_stay(bob, post, stored, announced):
    uploads = [upload("a", b"A"), upload("b", b"B")]
    message = post("Look", author=bob, uploads=uploads)

    with announced():
        delete_attachment(message.attachments.get(name="a"))

    kept = Message.objects.get(pk=message.pk)
    assert (kept.body, kept.is_deleted) == ("Look", False)
    assert [a.name for a in kept.attachments.all()] == ["b"]
    assert stored() == [b"B"]


def test_everyone_in_this_room_hears_of_it_once(bob, charlie, post, announced):
    message = post(author=bob, uploads=[upload()])

    with announced() as heard:
        delete_attachment(message.attachments.get())

    assert [(room_id, event.change) for room_id, event in heard] == [
        (bob.room_id, message.change + 1)
    ]
    assert Message.objects.get(pk=message.pk).change == head_of(bob.room)


def test_a_message_goes_with_its_last_file(alice, post, stored, announced):
    message = post("", uploads=[upload("a"), upload("b")])
    first, last = message.attachments.all()

    with announced() as heard:
        delete_attachment(first)
        delete_attachment(last)

    assert len(heard) == 2
    assert Message.objects.get(pk=message.pk).is_deleted
    assert stored() == []


def test_deleting_twice_is_harmless(alice, post, nothing_changes, announced):
    attachment = post(uploads=[upload()]).attachments.get()
    with announced():
        delete_attachment(attachment)

    with nothing_changes():
        delete_attachment(attachment)


def test_after_its_message_it_is_harmless(alice, post, nothing_changes, announced):
    message = post(uploads=[upload()])
    attachment = message.attachments.get()
    with announced():
        delete_message(message)

    with nothing_changes():
        delete_attachment(attachment)


def test_missing_bytes_are_no_obstacle(alice, post, media_root, announced):
    attachment = post(uploads=[upload()]).attachments.get()
    (media_root / attachment.file.name).unlink()

    with announced() as heard:
        delete_attachment(attachment)

    assert len(heard) == 1
    assert Attachment.objects.count() == 0


def test_nobody_hears_of_a_rollback(alice, post, nothing_changes):
    attachment = post(uploads=[upload()]).attachments.get()

    with nothing_changes(), transaction.atomic():
        delete_attachment(attachment)
        transaction.set_rollback(True)
