import uuid

from rooms.actions import Draft, leave_room, post_messages
from rooms.exceptions import EmptyMessage, NotAMember
from rooms.models import Message


def draft(author, body="Hello", client_id=None):
    return Draft(author, client_id or uuid.uuid4(), body)


def test_all_are_posted_in_order_and_told_as_one(alice, bob, charlie, announced):
    with announced() as heard:
        posted = post_messages(
            [draft(alice, "1"), draft(charlie, "x"), draft(bob, "2")]
        )

    assert [answer.message.body for answer in posted] == ["1", "x", "2"]
    lounge = Message.objects.filter(room=alice.room, notice="").order_by("position")
    assert list(lounge.values_list("body", flat=True)) == ["1", "2"]
    assert [m.position for m in lounge] == [3, 4]
    rooms_told = sorted(room_id for room_id, _event in heard)
    assert rooms_told == sorted([alice.room_id, alice.room_id, charlie.room_id])


def test_a_refused_one_does_not_touch_the_others(alice, bob):
    answers = post_messages([draft(alice, "1"), draft(bob, "  "), draft(bob, "2")])

    assert isinstance(answers[1], EmptyMessage)
    assert [answers[0].message.body, answers[2].message.body] == ["1", "2"]
    assert Message.objects.filter(notice="").count() == 2


def test_who_left_is_refused_and_leaves_no_gap(alice, bob):
    leave_room(bob)

    answers = post_messages([draft(bob, "late"), draft(alice, "1"), draft(bob, "too")])

    assert [type(answers[0]), type(answers[2])] == [NotAMember, NotAMember]
    assert answers[1].message.position == 4
    alice.room.counter.refresh_from_db()
    assert alice.room.counter.last_change == 4


def test_the_same_client_id_twice_in_one_group_posts_once(alice):
    same = uuid.uuid4()

    first, second = post_messages([draft(alice, "a", same), draft(alice, "b", same)])

    assert (first.is_new, second.is_new) == (True, False)
    assert first.message == second.message
    assert Message.objects.get(notice="").body == "a"


def test_a_client_id_of_before_returns_the_first(alice, post, announced):
    first = post("before")

    with announced() as heard:
        answers = post_messages([draft(alice, "x", first.client_id), draft(alice, "y")])

    assert (answers[0].is_new, answers[0].message) == (False, first)
    assert [event.change for _room, event in heard] == [answers[1].message.change]


def test_two_authors_may_use_the_same_client_id(alice, bob):
    same = uuid.uuid4()

    answers = post_messages([draft(alice, "a", same), draft(bob, "b", same)])

    assert [answer.is_new for answer in answers] == [True, True]


def test_the_number_of_queries_does_not_grow(alice, bob, django_assert_num_queries):
    with django_assert_num_queries(7):
        post_messages([draft(alice), draft(bob)])
    with django_assert_num_queries(7):
        post_messages([draft(alice) for _ in range(20)])
