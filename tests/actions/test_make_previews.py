import fcntl

import pytest

from rooms import actions, previews
from rooms.actions import make_previews
from rooms.limits import PREVIEW_FILE_BYTES, PREVIEW_TRIES
from rooms.models import Attachment
from rooms.previews import Preview, Unfinished
from tests.conftest import head_of, upload
from tests.images import image, opened

MADE = Preview(b"small", b"large", 40, 20)


@pytest.fixture
def attachment(bob, charlie, post):
    return post(author=bob, uploads=[upload("a.png", image())]).attachments.get()


@pytest.fixture
def child(monkeypatch):
    """A function that sets what the process that draws answers, or how it fails."""

    def answer(what):
        def make_preview(file, kind):
            if isinstance(what, Exception):
                raise what
            return what

        monkeypatch.setattr(previews, "make_preview", make_preview)

    return answer


def again(attachment):
    return Attachment.objects.get(pk=attachment.pk)


def test_an_image_waits_for_its_preview(attachment):
    assert (attachment.preview, attachment.has_preview) == ("waiting", False)
    assert attachment.stored_names == [attachment.file.name]


@pytest.mark.parametrize(
    ("name", "size"), [("a.svg", 9), ("a.txt", 9), ("a.png", PREVIEW_FILE_BYTES + 1)]
)
def test_what_can_have_none_does_not_wait(name, size):
    attachment = actions.announce_file(name, size)

    attachment.await_preview()

    assert attachment.preview == ""


def test_it_is_stored_and_told(attachment, lounge, announced):
    head = head_of(lounge)

    with announced() as heard:
        was_one = actions.make_waiting_preview()

    made = again(attachment)
    assert (was_one, made.preview, made.has_preview) == (True, "made", True)
    assert (made.width, made.height) == (1200, 600)
    assert opened(made.thumbnail.read()).size == (480, 240)
    assert opened(made.picture.read()).size == (1200, 600)
    assert heard.changes == [head + 1] == [made.message.change]
    assert [room_id for room_id, _event in heard] == [lounge.pk]
    assert len(set(made.stored_names)) == 3


def test_nothing_waits_twice(attachment, nothing_changes):
    actions.make_waiting_preview()

    with nothing_changes():
        assert actions.make_waiting_preview() is False


def test_uploads_do_not_wait(attachment, nothing_changes):
    Attachment.objects.update(state="uploading")

    with nothing_changes():
        assert actions.make_waiting_preview() is False


def test_what_cannot_be_shown_is_asked_once(attachment, child, stored, announced):
    child(None)
    before = stored()

    with announced() as heard:
        assert actions.make_waiting_preview() is True
        assert actions.make_waiting_preview() is False

    assert (again(attachment).preview, len(heard), stored()) == ("", 1, before)


def test_missing_bytes_have_no_preview(attachment, media_root):
    (media_root / attachment.file.name).unlink()

    actions.make_waiting_preview()

    assert again(attachment).preview == ""


@pytest.mark.parametrize("failure", [Unfinished(), OSError(28, "full")])
def test_a_killed_one_is_tried_again(attachment, child, announced, failure):
    child(failure)
    for _try in range(PREVIEW_TRIES - 1):
        actions.make_waiting_preview()
        assert again(attachment).preview == "waiting"
    child(MADE)

    actions.make_waiting_preview()

    assert again(attachment).preview == "made"
    assert make_previews.tries == {}


def test_one_that_always_kills_is_given_up(attachment, child):
    child(Unfinished())

    while actions.make_waiting_preview():
        pass

    assert (again(attachment).preview, make_previews.tries) == ("", {})


def test_a_file_deleted_meanwhile_keeps_nothing(attachment, stored, announced):
    actions.delete_message(attachment.message)

    with announced() as heard:
        actions.attach_preview(attachment, MADE)

    assert stored() == [image()]  # its own, until the deletion is committed
    assert heard == []


@pytest.mark.parametrize(
    "delete",
    [
        lambda file: actions.delete_attachment(file),
        lambda file: actions.delete_message(file.message),
        lambda file: actions.delete_room(file.room),
    ],
    ids=["file", "message", "room"],
)
def test_deleting_takes_its_pictures_too(attachment, stored, announced, delete):
    actions.make_waiting_preview()
    assert len(stored()) == 3

    with announced():
        delete(attachment)

    assert stored() == []


def test_a_failed_transaction_stores_nothing(attachment, stored, monkeypatch):
    before = stored()
    monkeypatch.setattr(make_previews, "_attach", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        actions.attach_preview(attachment, MADE)

    assert stored() == before


def test_another_process_at_it_is_enough(attachment, settings, nothing_changes):
    with (settings.DATA_DIR / make_previews.LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        with nothing_changes():
            assert actions.make_waiting_preview() is False

    assert actions.make_waiting_preview() is True
