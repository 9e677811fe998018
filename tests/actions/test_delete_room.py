from django.db import transaction

from rooms.actions import delete_room
from rooms.models import Attachment, Membership, Message, Room, RoomCounter
from tests.actions.test_join_room import enter
from tests.conftest import upload


def test_nothing_of_the_room_remains(bob, charlie, post, stored, announced):
    post(author=bob, uploads=[upload(content=b"lounge")])
    post(author=charlie, uploads=[upload(content=b"backroom")])

    with announced():
        delete_room(Room.objects.get(pk=bob.room_id))

    assert stored() == [b"backroom"]
    assert [Room.objects.get(), RoomCounter.objects.get().room] == [charlie.room] * 2
    assert Membership.objects.get() == charlie
    assert Attachment.objects.get().message.room == charlie.room
    assert set(Message.objects.values_list("room", flat=True)) == {charlie.room_id}


def test_its_sockets_are_closed_once(bob, charlie, announced):
    with announced() as heard:
        delete_room(Room.objects.get(pk=bob.room_id))

    assert (heard, heard.closed_rooms) == ([], [bob.room_id])


def test_its_number_is_free_again(alice):
    public_id = alice.room.public_id
    delete_room(Room.objects.get(pk=alice.room_id))

    joined = enter(name="Alice", browser=alice.browser)

    assert joined.room_is_new
    assert joined.membership.room.public_id != public_id


def test_deleting_twice_is_harmless(alice, charlie, announced):
    first, second = (Room.objects.get(pk=alice.room_id) for _ in range(2))
    delete_room(first)

    with announced() as heard:
        delete_room(second)

    assert heard == []
    assert Room.objects.get() == charlie.room


def test_nobody_hears_of_a_rollback(alice, bob, post, nothing_changes):
    post(uploads=[upload()])

    with nothing_changes(), transaction.atomic():
        delete_room(Room.objects.get(pk=alice.room_id))
        transaction.set_rollback(True)
