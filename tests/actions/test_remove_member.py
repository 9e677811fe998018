import pytest
from django.db import transaction

from rooms.actions import leave_room, remove_member
from rooms.exceptions import CannotJoin
from rooms.models import Membership, Message
from tests.actions.test_join_room import enter


def test_who_is_removed_is_no_member(bob):
    remove_member(bob)

    stored = Membership.objects.get(pk=bob.pk)
    assert (stored.is_active, stored.is_removed) == (False, True)
    assert (bob.is_active, bob.is_removed) == (False, True)


def test_what_was_written_stays(bob, post):
    message = post("I was here", author=bob)

    remove_member(bob)

    assert Message.objects.get(pk=message.pk).body == "I was here"


def test_everyone_hears_of_it_once(bob, charlie, announced):
    with announced() as heard:
        remove_member(bob)

    notice = Message.objects.get(notice="removed")
    assert [(room_id, event.change) for room_id, event in heard] == [
        (bob.room_id, notice.change)
    ]
    assert heard[0][1].closes == {bob.pk: 4403}


def test_removing_twice_is_harmless(bob, nothing_changes):
    remove_member(bob)

    with nothing_changes():
        remove_member(Membership.objects.get(pk=bob.pk))


def test_who_left_is_kept_outside_in_silence(bob, announced):
    leave_room(bob)

    with announced() as heard:
        remove_member(Membership.objects.get(pk=bob.pk))

    assert heard == []
    with pytest.raises(CannotJoin):
        enter(browser=bob.browser)


def test_leaving_does_not_undo_it(bob, nothing_changes):
    stale = Membership.objects.get(pk=bob.pk)
    remove_member(bob)

    with nothing_changes():
        leave_room(stale)


def test_the_name_is_free_again(bob):
    remove_member(bob)

    assert enter().membership.name == "Bob"


def test_other_rooms_do_not_hear_of_it(bob, charlie):
    elsewhere = enter("2002", "Bob", browser=bob.browser).membership

    remove_member(bob)

    assert Membership.objects.get(pk=elsewhere.pk).is_active


def test_nobody_hears_of_a_rollback(bob, nothing_changes):
    with nothing_changes(), transaction.atomic():
        remove_member(bob)
        transaction.set_rollback(True)
