import uuid

import pytest
from django.db import transaction

from rooms.actions import join_room, leave_room, remove_member
from rooms.exceptions import CannotJoin, NameTaken
from rooms.limits import NAME_CHARACTERS
from rooms.models import Membership, Message, Room
from tests.conftest import head_of

SAME_AS_BOB = ["Bob", "BOB", "Ｂｏｂ", "Bоb", "B\u200bob", "B\u00adob", "В о b", "B0b"]
SAME_AS_BOB += [" Bob ", "Bob\u2060"]


def enter(number="1001", name="Bob", browser=None, **options):
    return join_room(number, name, browser=browser or uuid.uuid4(), **options)


def test_a_new_number_makes_a_room(db):
    joined = enter(name="Alice")

    alice = joined.membership
    assert (joined.room_is_new, joined.was_member) == (True, False)
    assert (alice.room.number, alice.role) == ("1001", Membership.Role.OWNER)
    assert alice.room.name == "Alice's room"
    assert head_of(alice.room) == 1
    assert list(Message.objects.values_list("notice", "position")) == [("created", 1)]


def test_a_known_number_enters_its_room(alice):
    joined = enter()

    bob = joined.membership
    assert (joined.room_is_new, joined.was_member) == (False, False)
    assert (bob.room, bob.name, bob.role) == (alice.room, "Bob", Membership.Role.MEMBER)
    assert Message.objects.get(notice="joined").author == bob


def test_everyone_in_this_room_hears_of_it_once(alice, charlie, announced):
    with announced() as heard:
        enter()

    notice = Message.objects.get(notice="joined")
    assert [(room_id, event.change) for room_id, event in heard] == [
        (alice.room_id, notice.change)
    ]


def test_joining_again_changes_nothing(bob, nothing_changes):
    with nothing_changes():
        again = enter(name="Robert", browser=bob.browser)

    assert again.was_member
    assert (again.membership, again.membership.name) == (bob, "Bob")


@pytest.mark.parametrize("name", SAME_AS_BOB, ids=ascii)
def test_a_name_that_looks_the_same_is_taken(bob, nothing_changes, name):
    with nothing_changes(), pytest.raises(NameTaken) as refused:
        enter(name=name)

    assert refused.value.values == {"name": name, "suggestion": f"{name} 2"}


def test_the_suggestion_is_free(bob):
    enter(name="bob 2")

    with pytest.raises(NameTaken) as refused:
        enter()

    assert refused.value.values["suggestion"] == "Bob 3"
    assert enter(name="Bob 3").membership.name == "Bob 3"


def test_the_suggestion_fits(alice):
    longest = "x" * NAME_CHARACTERS
    enter(name=longest)

    with pytest.raises(NameTaken) as refused:
        enter(name=longest)

    suggestion = refused.value.values["suggestion"]
    assert suggestion == "x" * (NAME_CHARACTERS - 2) + " 2"


def test_a_name_is_free_in_other_rooms(bob, charlie):
    joined = enter("2002", "Bob")

    assert (joined.membership.room, joined.membership.name) == (charlie.room, "Bob")


def test_one_browser_joins_many_rooms(bob, charlie):
    joined = enter("2002", "Bob", browser=bob.browser)

    assert joined.membership != bob
    assert Membership.objects.of_browser(bob.browser).count() == 2


def test_who_comes_back_must_find_a_free_name(bob, nothing_changes):
    leave_room(bob)
    enter()

    with nothing_changes(), pytest.raises(NameTaken):
        enter(browser=bob.browser)


def test_an_owner_who_comes_back_is_the_owner(alice, bob):
    leave_room(alice)

    again = enter(name="Alice", browser=alice.browser)

    assert again.membership.role == Membership.Role.OWNER


def test_who_was_removed_stays_outside(bob, nothing_changes):
    remove_member(bob)

    with nothing_changes(), pytest.raises(CannotJoin):
        enter(browser=bob.browser)


def test_an_account_is_remembered(alice, django_user_model):
    account = django_user_model.objects.create_user("bob")
    bob = enter(user=account).membership
    leave_room(bob)

    again = enter(browser=bob.browser).membership

    assert (bob.user, again.user) == (account, account)


def test_nobody_hears_of_a_rollback(alice, nothing_changes):
    with nothing_changes(), transaction.atomic():
        enter()
        transaction.set_rollback(True)


def test_numbers_are_compared_as_text(alice):
    joined = enter("01001", "Bob")

    assert joined.room_is_new
    assert Room.objects.count() == 2
