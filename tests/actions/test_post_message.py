import uuid

import pytest
from django.db import transaction

from rooms.actions import delete_room, leave_room, post_message, remove_member
from rooms.exceptions import EmptyMessage, NotAMember, TooLong, UnreadableText
from rooms.limits import BODY_CHARACTERS
from rooms.models import Membership, Message, Room
from tests.conftest import head_of

CANNOT_BE_SHOWN = ["\ud800", "\udfff", "\x00", "\ufffe", "\uffff", "\U0001fffe", "\x1b"]


def test_the_message_is_kept_as_it_was_said(bob):
    posted = post_message(bob, client_id=uuid.uuid4(), body="Hi *you*")

    message = Message.objects.get(pk=posted.message.pk)
    assert posted.is_new
    assert (message.room, message.author) == (bob.room, bob)
    assert (message.author_name, message.body) == ("Bob", "Hi *you*")


def test_it_takes_the_next_place_in_its_room(alice, charlie, post):
    post(author=charlie)
    before = head_of(alice.room)

    message = post()

    assert (message.position, message.change) == (before + 1, before + 1)
    assert head_of(alice.room) == before + 1


def test_everyone_in_this_room_hears_of_it_once(bob, charlie, announced, post):
    with announced() as heard:
        message = post(author=bob)

    assert [(room_id, event.change) for room_id, event in heard] == [
        (bob.room_id, message.change)
    ]
    assert heard[0][1].closes == {}


def test_same_client_id_posts_once(bob, nothing_changes):
    client_id = uuid.uuid4()
    first = post_message(bob, client_id=client_id, body="Once")

    with nothing_changes():
        again = post_message(bob, client_id=client_id, body="Once")

    assert (again.message, again.is_new) == (first.message, False)


def test_same_client_id_says_the_first_words(bob, nothing_changes):
    client_id = uuid.uuid4()
    post_message(bob, client_id=client_id, body="First")

    with nothing_changes():
        again = post_message(bob, client_id=client_id, body="Second")

    assert again.message.body == "First"


def test_client_ids_of_others_do_not_matter(alice, bob):
    client_id = uuid.uuid4()
    post_message(alice, client_id=client_id, body="Mine")

    posted = post_message(bob, client_id=client_id, body="Mine too")

    assert posted.is_new
    assert Message.objects.filter(client_id=client_id).count() == 2


@pytest.mark.parametrize("body", ["", " ", "\n\t\r\n", "\u3000"])
def test_an_empty_message_is_refused(bob, nothing_changes, body):
    with nothing_changes(), pytest.raises(EmptyMessage):
        post_message(bob, client_id=uuid.uuid4(), body=body)


@pytest.mark.parametrize("body", CANNOT_BE_SHOWN, ids=ascii)
def test_what_cannot_be_shown_is_refused(bob, nothing_changes, body):
    with nothing_changes(), pytest.raises(UnreadableText):
        post_message(bob, client_id=uuid.uuid4(), body=f"Hi{body}!")


@pytest.mark.parametrize("character", ["x", "é", "😀", "字"])
def test_the_longest_message_fits(bob, character):
    body = character * BODY_CHARACTERS

    posted = post_message(bob, client_id=uuid.uuid4(), body=body)

    assert Message.objects.get(pk=posted.message.pk).body == body


@pytest.mark.parametrize("character", ["x", "😀"])
def test_one_character_more_is_refused(bob, nothing_changes, character):
    with nothing_changes(), pytest.raises(TooLong) as refused:
        post_message(
            bob, client_id=uuid.uuid4(), body=character * (BODY_CHARACTERS + 1)
        )

    assert refused.value.values == {"most": BODY_CHARACTERS}


@pytest.mark.parametrize("ending", [leave_room, remove_member])
def test_who_is_no_member_any_more_cannot_post(bob, nothing_changes, ending):
    ending(Membership.objects.get(pk=bob.pk))

    with nothing_changes(), pytest.raises(NotAMember):
        post_message(bob, client_id=uuid.uuid4(), body="Still here?")


def test_nobody_posts_in_a_deleted_room(bob, nothing_changes):
    delete_room(Room.objects.get(pk=bob.room_id))

    with nothing_changes(), pytest.raises(NotAMember):
        post_message(bob, client_id=uuid.uuid4(), body="Anybody?")


def test_nobody_hears_of_a_rollback(bob, nothing_changes):
    with nothing_changes(), transaction.atomic():
        post_message(bob, client_id=uuid.uuid4(), body="Never mind")
        transaction.set_rollback(True)
