import hashlib
import os
from importlib import import_module

import pytest
from django.core.files.storage import default_storage

from rooms import actions, live, partials
from rooms.chunks import Chunk
from rooms.exceptions import StorageFull, UploadBusy, WrongChecksum, WrongOffset
from rooms.models import Attachment
from tests.together import run_together
from tests.uploading import announce, receive

finishing = import_module("rooms.actions.finish_upload")  # the name is the verb's


@pytest.fixture
def progress(monkeypatch):
    """What is told of files on their way, in order."""
    told = []
    monkeypatch.setattr(live, "announce_progress", lambda *what: told.append(what))
    return told


def test_others_see_how_far_it_is(bob, progress):
    file = announce(bob, 6)

    for offset in (0, 2, 4):
        receive(file, offset, b"xx")

    assert progress == [
        (bob.room_id, {file.public_id: 2}),
        (bob.room_id, {file.public_id: 4}),
    ]


def test_refused_bytes_are_told_nobody(bob, progress, announced):
    file = announce(bob, 6)

    with announced() as heard, pytest.raises(WrongOffset):
        receive(file, 3, b"xx")

    assert (heard, progress) == ([], [])


def test_the_last_chunk_is_one_event(bob, charlie, announced):
    file = announce(bob, 4)
    receive(file, 0, b"xx")

    with announced() as heard:
        receive(file, 2, b"xx")
        actions.finish_upload(Attachment.objects.get())

    message = Attachment.objects.get().message
    assert [(room, event.change) for room, event in heard] == [
        (bob.room_id, message.change)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_same_chunk_at_once_is_added_once(bob, stored):
    file = announce(bob, 2_000_000)
    chunk = os.urandom(1_000_000)

    def send():
        return receive(Attachment.objects.get(), 0, chunk)

    answers = run_together(send, send, send)

    accepted = [answer for answer in answers if answer == len(chunk)]
    refused = [a for a in answers if isinstance(a, WrongOffset | UploadBusy)]
    assert (len(accepted), len(refused)) == (1, 2)
    assert partials.offset_of(file.public_id) == len(chunk)


@pytest.mark.django_db(transaction=True)
def test_finishing_at_once_is_finishing_once(bob, stored):
    file = announce(bob, 3)
    with partials.opened(file.public_id, is_new=True) as partial:
        partial.append(0, Chunk.of(b"abc"), length=3)
    change = file.message.change

    def finish():
        actions.finish_upload(Attachment.objects.get())

    answers = run_together(*[finish] * 5)

    assert {type(a) for a in answers} <= {type(None), UploadBusy}
    ready = Attachment.objects.get()
    assert (ready.state, ready.message.change) == ("ready", change + 1)
    assert stored() == [b"abc"]


def test_hashes_alternate_between_processes(bob, monkeypatch):
    file, data = announce(bob, 40), os.urandom(40)
    others = type(partials.hashes)()

    for offset in range(0, 40, 4):
        with monkeypatch.context() as patch:
            if offset % 8:
                patch.setattr(partials, "hashes", others)
            receive(file, offset, data[offset : offset + 4])

    assert Attachment.objects.get().sha256 == hashlib.sha256(data).hexdigest()


def test_a_hash_of_bytes_that_were_thrown_away_counts_no_more(bob, monkeypatch):
    file, others = announce(bob, 4), type(partials.hashes)()
    receive(file, 0, b"ol")
    with monkeypatch.context() as patch, pytest.raises(WrongChecksum):
        patch.setattr(partials, "hashes", others)
        receive(file, 2, b"d!", sha256=hashlib.sha256(b"no").hexdigest())
    with monkeypatch.context() as patch:
        patch.setattr(partials, "hashes", others)
        receive(Attachment.objects.get(), 0, b"ne")

    receive(Attachment.objects.get(), 2, b"w!")

    assert Attachment.objects.get().sha256 == hashlib.sha256(b"new!").hexdigest()


def test_bytes_in_the_wrong_place_say_nothing_of_the_whole(bob):
    file = announce(bob, 4)
    with pytest.raises(WrongOffset):
        receive(file, 2, b"no", sha256=hashlib.sha256(b"no").hexdigest())

    receive(Attachment.objects.get(), 0, b"yes!")

    assert Attachment.objects.get().sha256 == hashlib.sha256(b"yes!").hexdigest()


def test_a_disk_that_fills_while_writing_keeps_what_was(bob, monkeypatch):
    file = announce(bob, 10)
    receive(file, 0, b"12345")
    write, calls = os.writev, []

    def write_a_little(descriptor, parts):
        calls.append(parts)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return write(descriptor, [parts[0][:2]])

    with monkeypatch.context() as patch, pytest.raises(StorageFull):
        patch.setattr(os, "writev", write_a_little)
        receive(file, 5, b"67890")

    assert partials.offset_of(file.public_id) == 5
    receive(file, 5, b"67890")
    ready = Attachment.objects.get()
    assert ready.file.read() == b"1234567890"
    assert ready.sha256 == hashlib.sha256(b"1234567890").hexdigest()


def test_a_write_may_take_a_little_at_a_time(bob, monkeypatch):
    file, write = announce(bob, 7), os.writev

    def write_a_little(descriptor, parts):
        return write(descriptor, [b"".join(parts)[:2]])

    with monkeypatch.context() as patch:
        patch.setattr(os, "writev", write_a_little)
        actions.receive_chunk(file, 0, Chunk.of(b"123", b"", b"4", b"567"))

    assert Attachment.objects.get().file.read() == b"1234567"


def test_what_came_before_its_sender_left_is_kept(bob):
    file = announce(bob, 6)

    assert actions.receive_chunk(file, 0, Chunk(6, [[b"12"], [b"34"]])) == 4

    assert receive(file, 4, b"56") == 6
    assert Attachment.objects.get().file.read() == b"123456"


def test_a_hash_of_bytes_that_another_process_took_back_counts_no_more(bob):
    file = announce(bob, 6)
    receive(file, 0, b"1234")
    os.truncate(partials.path_of(file.public_id), 2)  # as when its disk was full

    receive(file, 2, b"3456")

    ready = Attachment.objects.get()
    assert ready.sha256 == hashlib.sha256(b"123456").hexdigest()


def test_what_is_refused_as_a_whole_stays_refused_wherever_it_was_cut(bob, monkeypatch):
    file, wrong = announce(bob, 3), hashlib.sha256(b"no").hexdigest()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_at(patch, "empty", is_after=True)
        receive(file, 0, b"abc", sha256=wrong)

    actions.finish_upload(Attachment.objects.get())

    assert Attachment.objects.get().state == "uploading"
    assert partials.offset_of(file.public_id) == 0


CUTS = ["settle", "sha256", "_store", "_make_ready", "after the commit"]


class Killed(BaseException):
    """As kill -9: nothing of ours catches it."""


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("is_after", [False, True])
def test_finishing_goes_on_wherever_it_was_cut(
    bob, monkeypatch, stored, uploads_root, cut, is_after
):
    file = announce(bob, 3)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_at(patch, cut, is_after)
        receive(file, 0, b"abc")

    actions.finish_upload(Attachment.objects.get())

    ready = Attachment.objects.get()
    assert (ready.state, ready.file.read()) == ("ready", b"abc")
    assert (stored(), list(uploads_root.iterdir())) == ([b"abc"], [])


def kill_at(patch, cut, is_after):
    owner = partials.Partial if hasattr(partials.Partial, cut) else finishing
    if cut == "after the commit":
        owner, cut = partials, "remove"
    function = getattr(owner, cut)

    def killed(*arguments):
        if is_after and cut != "_make_ready":
            function(*arguments)
        raise Killed

    patch.setattr(owner, cut, killed)


def test_who_deletes_while_it_is_finished_wins(bob, monkeypatch, stored, uploads_root):
    file, store = announce(bob, 3), finishing._store

    def store_late(*arguments):
        name = store(*arguments)
        Attachment.objects.all().delete()
        return name

    monkeypatch.setattr(finishing, "_store", store_late)

    with pytest.raises(Attachment.DoesNotExist):
        receive(file, 0, b"abc")

    assert (stored(), list(uploads_root.iterdir())) == ([], [])


def test_a_first_chunk_after_the_deletion_leaves_nothing(bob, uploads_root):
    file = announce(bob, 3)
    Attachment.objects.all().delete()

    with pytest.raises(Attachment.DoesNotExist):
        receive(file, 0, b"a")

    assert list(uploads_root.iterdir()) == []


def test_another_disk_gets_a_copy(bob, monkeypatch, stored, uploads_root):
    def refuse(target, path):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(finishing.Path, "hardlink_to", refuse)

    receive(announce(bob, 3), 0, b"abc")

    file = Attachment.objects.get()
    assert (file.state, file.file.read()) == ("ready", b"abc")
    assert (stored(), list(uploads_root.iterdir())) == ([b"abc"], [])


def test_a_full_storage_keeps_the_partial(bob, monkeypatch):
    file = announce(bob, 3)

    def refuse(target, path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(StorageFull):
        patch.setattr(finishing.Path, "hardlink_to", refuse)
        receive(file, 0, b"abc")
    assert Attachment.objects.get().state == "uploading"

    actions.finish_upload(Attachment.objects.get())

    assert default_storage.exists(Attachment.objects.get().file.name)


def test_a_picture_waits_for_its_preview(bob):
    receive(announce(bob, 3, name="a.png"), 0, b"abc")

    assert Attachment.objects.get().preview == "waiting"
