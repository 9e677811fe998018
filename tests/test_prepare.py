import os
import time
from pathlib import Path

import pytest

from rooms.limits import ORPHAN_FILE_SECONDS
from rooms.management.commands.prepare import sweep_files
from rooms.models import Attachment
from tests.conftest import upload
from tests.images import give_preview


@pytest.fixture(autouse=True)
def incoming(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def put(path, *, old=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"orphan")
    if old:
        before = time.time() - ORPHAN_FILE_SECONDS - 60
        os.utime(path, (before, before))
    return path


def test_orphans_are_swept(alice, bob, charlie, post, media_root, incoming, stored):
    attachment = post(author=bob, uploads=[upload(content=b"kept")]).attachments.get()
    put(Path(attachment.file.path)).write_bytes(b"kept")
    put(media_root / "files/ab/abc")
    put(incoming / "half.upload")

    sweep_files()

    assert stored() == [b"kept"]
    assert list(incoming.iterdir()) == []


def test_what_is_on_its_way_stays(db, media_root, incoming, stored):
    put(media_root / "files/ab/abc", old=False)
    put(incoming / "half.upload", old=False)

    sweep_files()

    assert (stored(), len(list(incoming.iterdir()))) == ([b"orphan"], 1)


def test_an_old_file_of_a_message_stays(alice, post, stored):
    attachment = post(uploads=[upload(content=b"orphan")]).attachments.get()
    put(Path(attachment.file.path))

    sweep_files()

    assert stored() == [b"orphan"]


def test_old_pictures_of_a_file_stay(alice, post, stored):
    attachment = post(uploads=[upload("a.png", b"orphan")]).attachments.get()
    give_preview(attachment)
    for name in Attachment.objects.get().stored_names:
        put(Path(attachment.file.storage.path(name)))

    sweep_files()

    assert stored() == [b"orphan"] * 3


def test_sweeping_nothing_is_harmless(db, stored):
    sweep_files()
    sweep_files()

    assert stored() == []
