"""What happens when people do things at the same moment, on real connections."""

import threading
import uuid

import pytest

from rooms.actions import join_room, post_message, remove_member
from rooms.exceptions import NameTaken, NotAMember
from rooms.models import Membership, Message, Room
from tests.conftest import head_of, upload
from tests.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def saying(author, count):
    def say():
        for number in range(count):
            post_message(author, client_id=uuid.uuid4(), body=f"{number}")

    return say


def joining(number, name):
    return lambda: join_room(number, name, browser=uuid.uuid4())


def test_two_at_once_get_places_in_a_row(alice, bob):
    before = head_of(alice.room)

    run_together(saying(alice, 10), saying(bob, 10))

    said = Message.objects.filter(room=alice.room, notice="").order_by("position")
    positions = list(said.values_list("position", flat=True))
    assert positions == list(range(before + 1, before + 21))
    assert head_of(alice.room) == positions[-1]
    own = [m.body for m in said.filter(author=bob)]
    assert own == [f"{number}" for number in range(10)]


def test_the_same_upload_twice_at_once_is_one_message(bob, stored, announced):
    both_read = threading.Barrier(2)
    client_id = uuid.uuid4()

    def send():
        file = upload(content=b"bytes")
        chunks = file.chunks
        file.chunks = lambda: both_read.wait(10) >= 0 and chunks()
        return post_message(bob, client_id=client_id, body="", uploads=[file])

    with announced() as heard:
        posted = run_together(send, send)

    assert sorted(p.is_new for p in posted) == [False, True]
    assert posted[0].message == posted[1].message
    assert stored() == [b"bytes"]
    assert len(heard) == 1


def test_a_new_number_joined_by_twenty_makes_one_room(charlie):
    joined = run_together(*(joining("3003", f"Guest {i}") for i in range(20)))

    room = Room.objects.get(number="3003")
    assert {j.membership.room for j in joined} == {room}
    assert sum(j.room_is_new for j in joined) == 1
    members = Membership.objects.filter(room=room)
    assert members.filter(role="owner").count() == 1
    assert members.active().count() == 20
    assert head_of(room) == 20


def test_one_name_wanted_by_five_goes_to_one(alice):
    joined = run_together(*(joining("1001", "Bob") for _ in range(5)))

    refused = [j for j in joined if isinstance(j, NameTaken)]
    assert len(refused) == 4
    assert Membership.objects.filter(room=alice.room, name="Bob").count() == 1


def test_nothing_is_said_after_a_removal(alice, bob):
    results = run_together(saying(bob, 30), lambda: remove_member(bob))

    removal = Message.objects.get(notice="removed").position
    assert not Message.objects.filter(author=bob, notice="", position__gt=removal)
    assert results[0] is None or isinstance(results[0], NotAMember)
