"""Group commit: many drafts in one transaction, each answered as if it were alone."""

import uuid

import pytest
from django.db import transaction

from rooms.actions import Draft, delete_room, post_messages, remove_member
from rooms.actions.post_message import Posted
from rooms.exceptions import EmptyMessage, NotAMember, TooLong, UnreadableText
from rooms.limits import BODY_CHARACTERS
from rooms.models import Membership, Message, Room
from tests.conftest import head_of
from tests.together import run_together


def draft(author, body="Hello", client_id=None):
    return Draft(author, client_id or uuid.uuid4(), body)


def told(heard):
    return [(room_id, event.change) for room_id, event in heard]


def test_every_draft_is_answered_in_its_place(alice, bob, charlie):
    drafts = [
        draft(author, f"{n}") for n, author in enumerate([bob, charlie, alice, bob])
    ]

    answers = post_messages(drafts)

    said = [(a.message.author, a.message.body, a.is_new) for a in answers]
    assert said == [
        (bob, "0", True),
        (charlie, "1", True),
        (alice, "2", True),
        (bob, "3", True),
    ]
    assert [a.message.position for a in answers] == [3, 2, 4, 5]
    assert [head_of(alice.room), head_of(charlie.room)] == [5, 2]


def test_every_room_hears_its_own_in_order(alice, bob, charlie, announced):
    with announced() as heard:
        post_messages([draft(bob), draft(charlie), draft(alice), draft(charlie)])

    lounge, backroom = alice.room_id, charlie.room_id
    assert sorted(told(heard)) == sorted(
        [(lounge, 3), (lounge, 4), (backroom, 2), (backroom, 3)]
    )
    assert [c for room_id, c in told(heard) if room_id == backroom] == [2, 3]


def test_the_answer_is_ready_to_be_drawn(bob, django_assert_num_queries):
    (posted,) = post_messages([draft(bob)])

    with django_assert_num_queries(0):
        assert list(posted.message.files) == []
        assert posted.message.author.public_id == bob.public_id


def test_refused_drafts_do_not_touch_the_others(alice, bob, charlie, announced):
    bodies = ["one", "", "two", "x" * (BODY_CHARACTERS + 1), "a\x00b", "three"]

    with announced() as heard:
        answers = post_messages([draft(bob, body) for body in bodies])

    kinds = [type(answer) for answer in answers]
    assert kinds == [Posted, EmptyMessage, Posted, TooLong, UnreadableText, Posted]
    said = Message.objects.filter(author=bob, notice="").order_by("position")
    assert [message.body for message in said] == ["one", "two", "three"]
    assert told(heard) == [(bob.room_id, change) for change in (3, 4, 5)]


def test_the_same_client_id_in_one_go_posts_once(alice, bob, charlie):
    client_id = uuid.uuid4()

    first, second, others = post_messages(
        [
            draft(bob, "first", client_id),
            draft(bob, "second", client_id),
            draft(alice, "hers", client_id),
        ]
    )

    assert [first.is_new, second.is_new, others.is_new] == [True, False, True]
    assert first.message == second.message
    assert Message.objects.get(pk=first.message.pk).body == "first"


def test_what_was_posted_before_is_not_posted_again(bob, post, announced):
    earlier = post("earlier", author=bob)

    with announced() as heard:
        again, new = post_messages(
            [draft(bob, "x", earlier.client_id), draft(bob, "y")]
        )

    assert (again.message, again.is_new) == (earlier, False)
    assert told(heard) == [(bob.room_id, new.message.change)]


def test_only_repeats_change_nothing(bob, post, nothing_changes):
    earlier = post("earlier", author=bob)

    with nothing_changes():
        post_messages([draft(bob, "x", earlier.client_id)] * 3)


def test_who_is_no_member_is_refused_alone(alice, bob, charlie):
    remove_member(Membership.objects.get(pk=bob.pk))

    answers = post_messages([draft(alice), draft(bob), draft(charlie), draft(bob)])

    kinds = [type(answer) for answer in answers]
    assert kinds == [Posted, NotAMember, Posted, NotAMember]
    assert head_of(alice.room) == answers[0].message.change


def test_a_deleted_room_does_not_touch_the_others(alice, bob, charlie):
    delete_room(Room.objects.get(pk=bob.room_id))

    answers = post_messages([draft(bob), draft(charlie), draft(alice)])

    assert [type(answer) for answer in answers] == [NotAMember, Posted, NotAMember]


def test_nothing_to_post_is_nothing(alice, nothing_changes):
    with nothing_changes():
        assert post_messages([]) == []


def test_nobody_hears_of_a_rollback(bob, nothing_changes):
    with nothing_changes(), transaction.atomic():
        post_messages([draft(bob), draft(bob)])
        transaction.set_rollback(True)


def test_many_cost_as_much_as_few(alice, bob, django_assert_max_num_queries):
    for count in (2, 60):
        with django_assert_max_num_queries(10):
            post_messages([draft(author) for author in [alice, bob] * count])


@pytest.mark.django_db(transaction=True)
def test_the_same_drafts_twice_at_once_are_posted_once(alice, bob, announced):
    drafts = [draft(author, f"{n}") for n, author in enumerate([alice, bob] * 10)]

    with announced() as heard:
        first, second = run_together(
            lambda: post_messages(drafts), lambda: post_messages(drafts[::-1])
        )

    assert [a.message for a in first] == [a.message for a in second[::-1]]
    assert sorted([a.is_new for a in first + second]) == [False] * 20 + [True] * 20
    assert sorted(change for _room_id, change in told(heard)) == list(range(3, 23))
