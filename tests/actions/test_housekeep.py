import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from rooms import actions, partials
from rooms.limits import ORPHAN_FILE_SECONDS
from rooms.models import Attachment, Membership
from tests.conftest import upload
from tests.uploading import announce, receive


@pytest.fixture(autouse=True)
def incoming(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def put(path, *, old=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"orphan")
    return age(path) if old else path


def age(path):
    before = time.time() - ORPHAN_FILE_SECONDS - 60
    os.utime(path, (before, before))
    return path


@pytest.fixture
def ready(post):
    """A ready file with thumbnail and picture, all of them old."""
    attachment = post(uploads=[upload(content=b"kept")]).attachments.get()
    attachment.thumbnail.save("t", ContentFile(b"small"))
    attachment.picture.save("p", ContentFile(b"large"))
    for name in attachment.stored_names:
        age(Path(attachment.file.storage.path(name)))
    return attachment


def begun(author):
    file = announce(author, 4)
    receive(file, 0, b"xx")
    return file


def test_orphans_are_deleted(ready, media_root, uploads_root, incoming, stored):
    put(media_root / "files/ab/abc")
    put(uploads_root / "gone")
    put(uploads_root / "gone.new")
    put(incoming / "half.upload")

    actions.housekeep()

    assert stored() == [b"kept", b"large", b"small"]
    assert [*incoming.iterdir(), *uploads_root.iterdir()] == []


def test_what_is_on_its_way_stays(ready, media_root, uploads_root, incoming):
    kept = [media_root / "files/ab/abc", uploads_root / "new", incoming / "half.upload"]
    for path in kept:
        put(path, old=False)

    actions.housekeep()

    assert all(path.exists() for path in kept)


def test_a_slow_upload_stays(bob):
    file = begun(bob)
    age(partials.path_of(file.public_id))

    actions.housekeep()

    assert partials.offset_of(file.public_id) == 2


def test_a_partial_of_a_finished_file_goes(bob, uploads_root):
    file = announce(bob, 1)
    receive(file, 0, b"x")
    put(partials.path_of(file.public_id))

    actions.housekeep()

    assert list(uploads_root.iterdir()) == []


def test_an_expired_upload_is_given_up(bob, announced):
    old, young = begun(bob), begun(bob)
    past = timezone.now() - timedelta(seconds=1)
    Attachment.objects.filter(pk=old.pk).update(expires_at=past)

    with announced() as heard:
        actions.housekeep()

    assert Attachment.objects.get() == young
    assert partials.offset_of(old.public_id) == 0
    assert len(heard) == 1


def test_news_put_the_end_off(bob):
    file = begun(bob)
    soon = timezone.now() + timedelta(minutes=1)
    Attachment.objects.update(expires_at=soon)
    file.refresh_from_db()

    receive(file, 2, b"x")

    assert Attachment.objects.get().expires_at > soon + timedelta(hours=22)


def test_an_upload_of_a_former_member_is_given_up(bob, announced):
    begun(bob)
    Membership.objects.filter(pk=bob.pk).update(left_at=timezone.now())

    with announced():
        actions.housekeep()

    assert Attachment.objects.count() == 0


def test_an_empty_database_may_be_the_wrong_one(db, media_root, stored, uploads_root):
    put(media_root / "files/ab/abc")
    put(uploads_root / "id")

    actions.housekeep()

    assert (len(stored()), len(list(uploads_root.iterdir()))) == (1, 1)


def test_the_command_counts(ready, media_root, capsys):
    put(media_root / "files/ab/abc")

    call_command("housekeep")

    assert "1 stored files without owner\n" in capsys.readouterr().out


def faults(capsys, *arguments):
    try:
        call_command("check_storage", *arguments)
    except CommandError as error:
        return [*capsys.readouterr().out.splitlines(), str(error)]
    return capsys.readouterr().out.splitlines()


def damage(kind, attachment, media_root, uploads_root):
    path = Path(attachment.file.path)
    if kind == "missing":
        path.unlink()
    elif kind == "of another size":
        path.write_bytes(b"other size")
    elif kind == "of another SHA-256":
        path.write_bytes(b"tpek")
    elif kind == "without owner":
        put(media_root / "files/ab/abc")
        put(uploads_root / "gone")


def test_a_sound_storage_agrees(ready, bob, capsys):
    begun(bob)

    assert faults(capsys, "--hashes") == ["All agree."]


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("missing", 0),
        ("of another size", 0),
        ("of another SHA-256", 0),
        ("without owner", 1),
    ],
)
def test_faults_are_named_and_mended(
    ready, media_root, uploads_root, capsys, announced, kind, left
):
    damage(kind, ready, media_root, uploads_root)

    *named, verdict = faults(capsys, "--hashes")
    assert {line.split(":")[0] for line in named} == {kind}
    assert verdict == f"{len(named)} faults. --repair mends them."
    with announced():
        *_named, verdict = faults(capsys, "--hashes", "--repair")

    assert verdict == f"{len(named)} mended."
    assert faults(capsys, "--hashes") == ["All agree."]
    assert Attachment.objects.count() == left


def test_a_missing_thumbnail_is_made_again(ready, capsys, stored):
    ready.thumbnail.storage.delete(ready.thumbnail.name)

    faults(capsys, "--repair")

    ready.refresh_from_db()
    assert (ready.preview, ready.thumbnail.name) == ("waiting", "")
    assert stored() == [b"kept"]


def test_more_bytes_than_announced_are_a_fault(bob, capsys, announced):
    file = begun(bob)
    partials.path_of(file.public_id).write_bytes(b"xxxxx")

    assert faults(capsys)[0].startswith("longer than announced: ")
    with announced():
        faults(capsys, "--repair")

    assert faults(capsys) == ["All agree."]


def test_a_storage_that_is_not_mounted_deletes_nothing(ready, media_root, capsys):
    media_root.rename(media_root.with_name("elsewhere"))

    assert "Is the storage mounted" in faults(capsys, "--repair")[-1]
    assert Attachment.objects.count() == 1


def test_a_storage_that_is_lost_can_be_given_up(ready, media_root, capsys, announced):
    media_root.rename(media_root.with_name("elsewhere"))

    with announced():
        faults(capsys, "--repair", "--all-lost")

    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("options", [["--repair"], ["--repair", "--all-lost"]])
def test_files_without_any_row_may_be_another_sites(
    db, media_root, stored, capsys, options
):
    put(media_root / "files/ab/abc")

    assert "Is the storage mounted" in faults(capsys, *options)[-1]
    assert len(stored()) == 1
