import uuid

import pytest
from django.db import IntegrityError, transaction

from rooms.models import Room, RoomCounter


def test_numbers_are_unique(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(number=alice.room.number, name="Twin")


def test_public_ids_are_unique(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(number="9", name="Twin", public_id=alice.room.public_id)


def test_public_ids_and_epochs_are_random(db):
    rooms = [Room.objects.create(number=f"{number}", name="") for number in range(50)]

    assert len({room.public_id for room in rooms}) == 50
    assert len({room.epoch for room in rooms}) == 50
    assert {len(room.public_id) for room in rooms} == {22}


def test_a_room_has_one_counter(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        RoomCounter(room=alice.room).save(force_insert=True)


def test_rooms_of_a_browser(alice, bob, charlie):
    assert list(Room.objects.joined_by(bob.browser)) == [bob.room]
    assert list(Room.objects.joined_by(uuid.uuid4())) == []


def test_a_room_does_not_show_its_number(lounge, backroom):
    assert [str(lounge), str(backroom)] == ["Alice's room", "Charlie's room"]
    assert repr(lounge).count(lounge.number) == 0
