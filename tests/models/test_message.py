import uuid

import pytest
from django.db import IntegrityError, transaction

from rooms.limits import BODY_CHARACTERS, HISTORY_CHARACTERS
from rooms.models import Message
from tests.conftest import fill, upload


def message(author, place, **fields):
    fields = {"client_id": uuid.uuid4(), "position": place, "change": place} | fields
    return Message(room=author.room, author=author, body="Hello", **fields)


@pytest.mark.parametrize("same", ["client_id", "position", "change"])
def test_what_is_there_once(bob, charlie, same):
    first = message(bob, 100)
    first.save()

    with pytest.raises(IntegrityError), transaction.atomic():
        message(bob, 101, **{same: getattr(first, same)}).save()


def test_other_rooms_count_on_their_own(bob, charlie):
    message(bob, 100).save()

    message(charlie, 100).save()

    assert Message.objects.filter(position=100).count() == 2


def test_the_newest_come_oldest_first(alice, bob, charlie):
    fill(alice, 10)
    fill(charlie, 10)
    history = Message.objects.filter(room=alice.room)

    assert [m.position for m in history.newest(3)] == [10, 11, 12]
    assert [m.position for m in history.newest(3, before=10)] == [7, 8, 9]
    assert history.newest(3, before=1) == []


def test_a_page_of_very_long_messages_is_shorter(alice, post):
    most = HISTORY_CHARACTERS // BODY_CHARACTERS
    for _ in range(most + 1):
        post("x" * BODY_CHARACTERS)
    history = Message.objects.filter(room=alice.room)

    page, has_older = history.page()
    first = page[0].position

    assert (len(page), has_older) == (most, True)
    assert [m.position for m in history.page(before=first)[0]] == [1, 2]
    assert history.page(before=1) == ([], False)


def test_what_changed_comes_in_order_of_change(alice, bob, charlie):
    fill(alice, 3)
    first = Message.objects.get(room=alice.room, position=3)
    first.change = 50
    first.save()

    changed = Message.objects.filter(room=alice.room).changed_after(3)

    assert [(m.position, m.change) for m in changed] == [(4, 4), (5, 5), (3, 50)]


def test_drawing_needs_a_fixed_number_of_queries(
    alice, bob, post, django_assert_num_queries
):
    for author in (alice, bob, alice):
        post(author=author, uploads=[upload("a"), upload("b")])

    with django_assert_num_queries(3):
        for shown in Message.objects.for_display():
            assert shown.author.public_id
            assert shown.room.public_id
            assert [file.receivers for file in shown.files] == [[]] * len(shown.files)


def test_notices_are_told_apart(alice, post):
    said, notice = post(), Message.objects.get(notice="created")

    assert [said.is_notice, notice.is_notice] == [False, True]
    assert [said.is_deleted, notice.is_deleted] == [False, False]


def test_its_name_does_not_tell_what_was_said(alice, post):
    assert str(post("Secret")) == "Alice, 2"
