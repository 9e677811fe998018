import uuid

import pytest

from rooms import actions, checks, partials
from rooms.exceptions import Infected, ScannerAway
from rooms.models import Attachment
from tests.conftest import upload
from tests.uploading import announce, receive

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCANNER = """#!/bin/sh
[ -e {folder}/away ] && exit 2
! grep -q EICAR-STANDARD "$2"
"""


@pytest.fixture
def scanner(settings, tmp_path):
    """A folder: with a file `away` in it the scanner cannot tell."""
    program = tmp_path / "scan"
    program.write_text(SCANNER.format(folder=tmp_path))
    program.chmod(0o755)
    settings.SCAN_COMMAND = f"{program} --quiet"
    return tmp_path


def form(bob, content):
    return actions.post_message(
        bob, client_id=uuid.uuid4(), body="", uploads=[upload("a.txt", content)]
    )


def test_what_is_clean_passes(bob, scanner):
    file = announce(bob, 5)

    receive(file, 0, b"clean")
    posted = form(bob, b"clean too")

    assert Attachment.objects.get(pk=file.pk).is_ready
    assert posted.message.attachments.get().is_ready


def test_what_is_infected_is_nobodys_and_gone(bob, scanner, stored):
    file = announce(bob, len(EICAR))

    with pytest.raises(Infected):
        receive(file, 0, EICAR)

    assert not Attachment.objects.get().is_ready
    assert (partials.offset_of(file.public_id), stored()) == (0, [])


def test_what_is_infected_in_a_form_is_not_posted(bob, scanner, nothing_changes):
    with nothing_changes(), pytest.raises(Infected):
        form(bob, EICAR)


def test_while_the_scanner_is_away_a_file_waits(bob, scanner, nothing_changes):
    file, away = announce(bob, 5), scanner / "away"
    away.touch()
    with pytest.raises(ScannerAway):
        receive(file, 0, b"clean")
    with nothing_changes(), pytest.raises(ScannerAway):
        actions.finish_upload(Attachment.objects.get())
    with nothing_changes(), pytest.raises(ScannerAway):
        form(bob, b"clean")
    away.unlink()

    actions.finish_upload(Attachment.objects.get())

    assert Attachment.objects.get().file.read() == b"clean"


@pytest.mark.parametrize("command", ["/nowhere/scan", "sh -c 'sleep 9'"])
def test_a_scanner_that_is_broken_is_away(bob, settings, monkeypatch, command):
    settings.SCAN_COMMAND = command
    monkeypatch.setattr("rooms.scanning.SCAN_SECONDS", 0.2)
    file = announce(bob, 1)

    with pytest.raises(ScannerAway):
        receive(file, 0, b"x")

    assert partials.offset_of(file.public_id) == 1


def test_a_start_without_the_scanner_that_is_set_is_refused(settings):
    settings.SCAN_COMMAND = "/nowhere/scan --quiet"

    assert [error.id for error in checks.scanner_is_there(None)] == ["rooms.E002"]
