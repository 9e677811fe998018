import pytest

from rooms import events
from rooms.actions import (
    delete_attachment,
    leave_room,
    receive_file,
    receive_files,
    remove_member,
)
from rooms.models import Attachment, Receipt
from tests.actions.test_join_room import enter
from tests.conftest import head_of, upload
from tests.together import run_together


@pytest.fixture
def attachment(alice, bob, charlie, post):
    return post(uploads=[upload("a", b"A"), upload("b", b"B")]).attachments.first()


def receivers(attachment):
    return Attachment.objects.get(pk=attachment.pk).receivers


def test_everyone_in_the_room_hears_who_has_it(attachment, bob, lounge, announced):
    head = head_of(lounge)

    with announced() as heard:
        receive_file(attachment, bob)

    assert receivers(attachment) == ["Bob"]
    assert heard.changes == [head + 1]
    assert [room_id for room_id, _event in heard] == [lounge.pk]


def test_once_is_enough(attachment, bob, nothing_changes):
    receive_file(attachment, bob)

    with nothing_changes():
        receive_file(attachment, bob)

    assert Receipt.objects.count() == 1


def test_the_sender_has_none(attachment, alice, nothing_changes):
    with nothing_changes():
        receive_file(attachment, alice)

    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("ending", [leave_room, remove_member])
def test_who_is_gone_gives_none(attachment, bob, nothing_changes, ending):
    ending(bob)

    with nothing_changes():
        receive_file(attachment, bob)

    assert Receipt.objects.count() == 0


def test_members_of_other_rooms_give_none(attachment, charlie, nothing_changes):
    with nothing_changes():
        receive_file(attachment, charlie)

    assert Receipt.objects.count() == 0


def test_uploads_and_deleted_files_have_none(attachment, bob, nothing_changes):
    other = attachment.message.attachments.last()
    Attachment.objects.filter(pk=other.pk).update(state="uploading")
    receive = [(attachment.pk, bob.pk), (other.pk, bob.pk)]
    delete_attachment(attachment)

    with nothing_changes():
        assert receive_files(receive) == [None, None]


def test_many_at_once_are_one_change_of_a_message(attachment, lounge, announced):
    members = [enter(name=f"Guest {number}").membership for number in range(30)]
    files = attachment.message.attachments.all()
    head = head_of(lounge)

    with announced() as heard:
        receive_files([(f.pk, m.pk) for m in members for f in files] * 2)

    assert heard.changes == [head + 1]
    assert [f.receivers for f in files] == [[m.name for m in members]] * 2


def test_messages_and_rooms_are_told_apart(attachment, alice, bob, charlie, post):
    dora = enter("2002", "Dora").membership
    second = post(uploads=[upload()]).attachments.get()
    other = post(author=charlie, uploads=[upload()]).attachments.get()
    heads = head_of(alice.room), head_of(charlie.room)

    receive_files(
        [(f.pk, m.pk) for f in (attachment, second, other) for m in (bob, dora)]
    )

    assert [receivers(f) for f in (attachment, second, other)] == [
        ["Bob"],
        ["Bob"],
        ["Dora"],
    ]
    assert (head_of(alice.room), head_of(charlie.room)) == (heads[0] + 2, heads[1] + 1)


def test_the_names_are_those_of_then(attachment, bob):
    receive_file(attachment, bob)
    leave_room(bob)
    enter(name="Robert", browser=bob.browser)

    assert receivers(attachment) == ["Bob"]


def test_nothing_is_told_when_it_fails(attachment, bob, announced, monkeypatch):
    monkeypatch.setattr(events, "tell", fail)

    with announced() as heard, pytest.raises(ZeroDivisionError):
        receive_file(attachment, bob)

    assert (heard, Receipt.objects.count()) == ([], 0)


def fail(*_messages):
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment(alice, bob, post):
    attachment = post(uploads=[upload()]).attachments.get()

    answers = run_together(*[lambda: receive_file(attachment, bob)] * 4)

    assert (answers, Receipt.objects.count()) == ([None] * 4, 1)
