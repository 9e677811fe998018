"""What happens when people do things at the same moment, on real connections."""

import threading
import uuid

import pytest

from rooms.actions import (
    delete_attachment,
    delete_room,
    join_room,
    leave_room,
    post_message,
    receive_file,
    remove_member,
)
from rooms.exceptions import NameTaken, NotAMember
from rooms.models import Attachment, Membership, Message, Receipt, Room, RoomCounter
from tests.conftest import head_of, upload
from tests.together import run_together
from tests.uploading import announce

pytestmark = pytest.mark.django_db(transaction=True)


def saying(author, count):
    def say():
        for number in range(count):
            post_message(author, client_id=uuid.uuid4(), body=f"{number}")

    return say


def announcing(author, count):
    """Post messages with a file whose bytes are still to come."""

    def announce_all():
        for number in range(count):
            announce(author, 1, body=f"{number}")

    return announce_all


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


@pytest.mark.parametrize("end", [leave_room, remove_member])
def test_who_goes_while_sending_files_waits_in_no_circle(alice, end):
    guests = [joining("1001", f"Guest {i}")().membership for i in range(4)]
    stored = [Membership.objects.get(pk=guest.pk) for guest in guests]

    results = run_together(
        *(announcing(guest, 25) for guest in guests),
        *(lambda guest=guest: end(guest) for guest in stored),
    )

    assert results[4:] == [None] * 4
    assert {type(result) for result in results[:4]} <= {type(None), NotAMember}
    for guest in guests:
        *said, last = Message.objects.filter(author=guest).order_by("position")
        assert last.notice in {"left", "removed"}
        assert [message.notice for message in said] == ["joined"] + [""] * len(said[1:])
    assert not Attachment.objects.exists()


def test_a_room_deleted_while_people_write_is_gone(alice, bob, charlie):
    room = Room.objects.get(pk=alice.room_id)

    results = run_together(
        saying(alice, 30), announcing(bob, 30), lambda: delete_room(room)
    )

    assert results[2] is None
    assert {type(result) for result in results[:2]} <= {type(None), NotAMember}
    assert_only(charlie)


def test_a_room_deleted_while_much_is_going_on_is_gone(alice, bob, charlie):
    room = Room.objects.get(pk=alice.room_id)
    files = [said_with_a_file(alice) for _ in range(10)]
    guests = [joining("1001", f"Guest {i}")().membership for i in range(5)]

    def receive_all():
        for file in files:
            receive_file(file, bob)

    def delete_all():
        for file in files[::-1]:
            delete_attachment(file)

    def remove_all():
        for guest in guests:
            remove_member(guest)

    results = run_together(
        receive_all, delete_all, remove_all, lambda: delete_room(room)
    )

    assert results[3] is None
    assert {type(result) for result in results} <= {type(None), Room.DoesNotExist}
    assert_only(charlie)


def said_with_a_file(author):
    files = [upload()]
    said = post_message(author, client_id=uuid.uuid4(), body="A", uploads=files)
    return said.message.attachments.get()


def assert_only(member):
    """Nothing is left but this member's room."""
    assert list(Membership.objects.all()) == [member]
    for model in (Room, RoomCounter):
        assert model.objects.get().pk == member.room_id
    assert {message.room_id for message in Message.objects.all()} == {member.room_id}
    assert not Attachment.objects.exists()
    assert not Receipt.objects.exists()
