"""The change counter: one number per change, none lost, none used twice."""

import pytest

from rooms.actions import (
    delete_attachment,
    delete_message,
    join_room,
    leave_room,
    remove_member,
    rename_room,
)
from rooms.models import Message, RoomCounter
from tests.actions.test_join_room import enter
from tests.conftest import head_of, upload


def deeds(bob, post):
    first = post("One", author=bob, uploads=[upload("a"), upload("b")])
    second = post("Two")
    yield lambda: post("Three", author=bob)
    yield lambda: delete_attachment(first.attachments.first())
    yield lambda: delete_message(first)
    yield lambda: rename_room(bob.room, "Parlour")
    yield lambda: enter(name="Dave")
    yield lambda: leave_room(bob)
    yield lambda: join_room("1001", "Bob", browser=bob.browser)
    yield lambda: remove_member(bob)
    yield lambda: delete_message(second)


def test_every_deed_takes_the_next_number(alice, bob, charlie, post, announced):
    for deed in deeds(bob, post):
        before = head_of(alice.room)

        with announced() as heard:
            deed()

        changes = list(Message.objects.filter(room=alice.room).values_list("change"))
        assert heard.changes[-1:] == [before + 1]
        assert max(changes) == (head_of(alice.room),) == (before + 1,)
        assert len(set(changes)) == len(changes)


def test_rooms_count_on_their_own(alice, charlie, post):
    before = head_of(charlie.room)

    post()
    post()

    assert head_of(charlie.room) == before


def test_many_numbers_are_taken_at_once(alice):
    before = head_of(alice.room)

    last = RoomCounter.objects.take_many({alice.room_id: 5})[alice.room_id]

    assert (last, head_of(alice.room)) == (before + 5, before + 5)


def test_a_room_that_is_gone_has_no_numbers(alice):
    room_id = alice.room_id
    alice.room.delete()

    with pytest.raises(type(alice.room).DoesNotExist):
        RoomCounter.objects.take(room_id)


def test_heads_are_of_rooms_that_exist(alice, bob, charlie):
    heads = RoomCounter.objects.heads([alice.room_id, charlie.room_id, 10**9])

    assert heads == {
        alice.room_id: (2, alice.room.epoch),
        charlie.room_id: (1, charlie.room.epoch),
    }
