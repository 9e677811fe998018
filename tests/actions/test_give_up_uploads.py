import pytest
from django.core.files.base import ContentFile

from rooms import actions, partials
from rooms.models import Attachment, Message
from tests.uploading import announce, receive


@pytest.fixture
def begun(bob):
    """Bob's upload of which half has come."""
    file = announce(bob, 4)
    receive(file, 0, b"xx")
    return file


def test_bytes_and_card_go(bob, begun, announced):
    with announced() as heard:
        count = actions.give_up_uploads(Attachment.objects.all())

    assert (count, Attachment.objects.count()) == (1, 0)
    assert partials.offset_of(begun.public_id) == 0
    assert [room_id for room_id, _event in heard] == [bob.room_id]
    assert Message.objects.get(pk=begun.message_id).is_deleted


def test_what_is_finished_stays(bob, begun, announced):
    receive(begun, 2, b"xx")

    with announced() as heard:
        actions.give_up_uploads(Attachment.objects.all())

    assert (Attachment.objects.get().state, heard) == ("ready", [])


@pytest.mark.parametrize("end", [actions.leave_room, actions.remove_member])
def test_an_ended_membership_takes_its_uploads_along(alice, bob, begun, announced, end):
    other = announce(alice, 4)
    done = announce(bob, 1)
    receive(done, 0, b"x")

    with announced():
        end(bob)

    left = Attachment.objects.order_by("pk").values_list("public_id", flat=True)
    assert list(left) == [other.public_id, done.public_id]
    assert partials.offset_of(begun.public_id) == 0


@pytest.mark.parametrize("verb", ["file", "message", "room"])
def test_deleting_takes_the_partial_along(bob, begun, announced, verb, uploads_root):
    with announced():
        {
            "file": lambda: actions.delete_attachment(begun),
            "message": lambda: actions.delete_message(begun.message),
            "room": lambda: actions.delete_room(bob.room),
        }[verb]()

    assert list(uploads_root.iterdir()) == []


def test_deleting_takes_thumbnails_and_pictures_along(bob, post, stored, announced):
    file = announce(bob, 1)
    receive(file, 0, b"x")
    file = Attachment.objects.get()
    file.thumbnail.save("t", ContentFile(b"small"))
    file.picture.save("p", ContentFile(b"large"))

    with announced():
        actions.delete_attachment(file)

    assert stored() == []
