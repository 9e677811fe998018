import uuid

from django.db import transaction

from rooms.actions import join_room, leave_room
from rooms.models import Membership, Message


def test_leaving_frees_the_name(alice, bob):
    leave_room(bob)

    again = join_room("1001", "Bob", browser=uuid.uuid4())

    assert again.membership.pk != bob.pk
    assert again.membership.name == "Bob"


def test_everyone_hears_of_it_once(bob, announced):
    with announced() as heard:
        leave_room(bob)

    notice = Message.objects.get(notice="left")
    assert [(room_id, event.change) for room_id, event in heard] == [
        (bob.room_id, notice.change)
    ]
    assert heard[0][1].closes == {bob.pk: 4403}


def test_leaving_twice_is_harmless(bob, announced):
    leave_room(bob)

    with announced() as heard:
        leave_room(Membership.objects.get(pk=bob.pk))

    assert heard == []
    assert Message.objects.filter(notice="left").count() == 1


def test_coming_back_gives_the_same_membership(bob):
    leave_room(bob)

    again = join_room("1001", "Robert", browser=bob.browser)

    assert again.membership.pk == bob.pk
    assert again.membership.name == "Robert"
    assert not again.was_member


def test_other_rooms_do_not_hear_of_it(bob, charlie, announced):
    elsewhere = join_room("2002", "Bob", browser=bob.browser).membership

    with announced() as heard:
        leave_room(bob)

    assert [room_id for room_id, _event in heard] == [bob.room_id]
    assert Membership.objects.get(pk=elsewhere.pk).is_active


def test_nobody_hears_of_a_rollback(bob, nothing_changes):
    with nothing_changes(), transaction.atomic():
        leave_room(bob)
        transaction.set_rollback(True)
