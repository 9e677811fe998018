"""Every sentence exists in both languages, with the same placeholders."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest

PROJECT = Path(__file__).parents[1]
CATALOGUE = PROJECT / "locale/id/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def translations(entry):
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


@pytest.mark.gettext
def test_every_string_of_the_source_is_in_the_catalogue(tmp_path, catalogue):
    for name in ("chatsite", "rooms", "templates", "locale"):
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / "locale").unlink()
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "makemessages",
            "-l",
            "id",
            "--symlinks",
            "--no-location",
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        timeout=60,
    )

    found = polib.pofile(str(tmp_path / "locale/id/LC_MESSAGES/django.po"))

    assert len(found) > 100
    assert {e.msgid for e in found} == {e.msgid for e in catalogue if not e.obsolete}


def test_nothing_is_untranslated_or_doubtful(catalogue):
    assert [e.msgid for e in catalogue.untranslated_entries()] == []
    assert [e.msgid for e in catalogue.fuzzy_entries()] == []


def test_placeholders_survive_translation(catalogue):
    broken = [
        entry.msgid
        for entry in catalogue
        for text in translations(entry)
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(entry.msgid))
    ]

    assert broken == []


def test_the_words_of_the_first_system_are_kept(catalogue):
    words = {entry.msgid: entry.msgstr for entry in catalogue}

    assert {
        "Name": words["Name"],
        "Room number": words["Room number"],
        "Join": words["Join"],
        "Room created": words["Room created"],
        "Welcome to the chat room!": words["Welcome to the chat room!"],
        "Send": words["Send"],
        "Choose file": words["Choose file"],
        "Browse": words["Browse"],
        "You": words["You"],
        "Sent": words["Sent"],
        "Received": words["Received"],
    } == {
        "Name": "Nama",
        "Room number": "Nomor Ruangan",
        "Join": "Masuk",
        "Room created": "Room berhasil dibuat",
        "Welcome to the chat room!": "Selamat Datang di Chat Room!!",
        "Send": "Kirim",
        "Choose file": "Pilih File",
        "Browse": "Cari",
        "You": "Anda",
        "Sent": "Terkirim",
        "Received": "Diterima",
    }
