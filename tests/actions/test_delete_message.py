import json

from django.db import transaction

from rooms.actions import delete_message
from rooms.models import Attachment, Message
from tests.conftest import head_of, upload


def test_only_its_place_remains(bob, post, stored, announced):
    message = post("Secret", author=bob, uploads=[upload("secret.txt")])

    with announced():
        delete_message(message)

    kept = Message.objects.get(pk=message.pk)
    assert kept.is_deleted
    assert (kept.body, kept.position) == ("", message.position)
    assert kept.change == head_of(bob.room) == message.change + 1
    assert (Attachment.objects.count(), stored()) == (0, [])


def test_files_of_other_messages_stay(alice, bob, post, stored, announced):
    post(uploads=[upload(content=b"mine")])
    message = post(author=bob, uploads=[upload(content=b"yours")])

    with announced():
        delete_message(message)

    assert stored() == [b"mine"]


def test_everyone_in_this_room_hears_of_it_once(bob, charlie, post, announced):
    message = post(author=bob)

    with announced() as heard:
        delete_message(message)

    assert [(room_id, event.change) for room_id, event in heard] == [
        (bob.room_id, message.change + 1)
    ]


def test_the_news_does_not_tell_what_was_said(bob, post, announced):
    message = post("Secret", author=bob, uploads=[upload("secret.txt")])

    with announced() as heard:
        delete_message(message)

    text = heard[0][1].texts["en"]
    assert json.loads(text)["type"] == "message.deleted"
    assert text.lower().count("secret") == 0


def test_deleting_twice_is_harmless(bob, post, nothing_changes):
    message = post(author=bob)
    delete_message(message)

    with nothing_changes():
        delete_message(message)


def test_a_deleted_message_is_not_said_again(bob, post, nothing_changes):
    message = post(author=bob)
    delete_message(message)

    with nothing_changes():
        again = post(author=bob, client_id=message.client_id)

    assert again.is_deleted


def test_a_notice_stays(bob, nothing_changes):
    with nothing_changes():
        delete_message(Message.objects.get(notice="joined"))


def test_nobody_hears_of_a_rollback(bob, post, nothing_changes):
    message = post(author=bob, uploads=[upload()])

    with nothing_changes(), transaction.atomic():
        delete_message(message)
        transaction.set_rollback(True)
