"""How much files may take of a room, of a member and of a day, to the byte."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from rooms.actions import delete_attachment, quotas
from rooms.exceptions import DayFull, MemberFull, RoomFull
from rooms.limits import MIB
from rooms.models import Attachment
from tests.actions.test_join_room import enter
from tests.conftest import upload
from tests.uploading import announce

LIMIT = 2 * MIB
ROOM, MEMBER, DAY = "ROOM_FILES_BYTES", "MEMBER_FILES_BYTES", "MEMBER_DAY_BYTES"
QUOTAS = [(ROOM, RoomFull), (MEMBER, MemberFull), (DAY, DayFull)]


@pytest.fixture
def limit(monkeypatch):
    """A function that sets one of the quotas to LIMIT."""
    return lambda quota: monkeypatch.setattr(quotas, quota, LIMIT)


@pytest.mark.parametrize(("quota", "refusal"), QUOTAS)
def test_the_last_byte_goes_and_one_more_is_refused(
    bob, nothing_changes, limit, quota, refusal
):
    limit(quota)
    announce(bob, LIMIT - 1)
    announce(bob, 1)

    with nothing_changes(), pytest.raises(refusal) as refused:
        announce(bob, 1)

    assert refused.value.values == {"most": 2}
    assert Attachment.objects.bytes() == LIMIT


@pytest.mark.parametrize(("quota", "refusal"), QUOTAS)
def test_bytes_that_are_refused_are_stored_nowhere(
    bob, post, nothing_changes, limit, quota, refusal
):
    limit(quota)
    announce(bob, LIMIT - 1)

    with nothing_changes(), pytest.raises(refusal):
        post("Two more", author=bob, uploads=[upload("a", b"A"), upload("b", b"B")])


@pytest.mark.parametrize(("quota", "is_full"), [(ROOM, True), (MEMBER, False)])
def test_others_fill_the_room_but_nobody_elses_part(
    alice, bob, nothing_changes, limit, quota, is_full
):
    limit(quota)
    announce(bob, LIMIT)

    if is_full:
        with nothing_changes(), pytest.raises(RoomFull):
            announce(alice, 1)
    else:
        announce(alice, LIMIT)


@pytest.mark.parametrize("quota", [ROOM, MEMBER, DAY])
def test_another_room_is_another_matter(bob, charlie, limit, quota):
    limit(quota)
    bob_elsewhere = enter("2002", "Bob", browser=bob.browser).membership
    announce(bob, LIMIT)

    announce(bob_elsewhere, LIMIT)

    assert Attachment.objects.bytes() == 2 * LIMIT


@pytest.mark.parametrize("quota", [ROOM, MEMBER])
def test_deleting_makes_room_again(bob, limit, quota):
    limit(quota)
    delete_attachment(announce(bob, LIMIT))

    announce(bob, LIMIT)

    assert Attachment.objects.get().size == LIMIT


def test_deleted_files_count_for_the_day(alice, bob, nothing_changes, limit):
    limit(DAY)
    delete_attachment(announce(bob, LIMIT))

    with nothing_changes(), pytest.raises(DayFull):
        announce(bob, 1)
    announce(alice, LIMIT)

    assert Attachment.objects.get().message.author == alice


def test_a_day_begins_at_midnight_utc(bob, nothing_changes, limit, monkeypatch):
    def set_clock(*moment):
        now = datetime(*moment, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: now)

    limit(DAY)
    with timezone.override("Pacific/Kiritimati"):  # its next day began at 10:00
        set_clock(2030, 5, 1, 0, 0, 0)
        announce(bob, LIMIT)
        set_clock(2030, 5, 1, 23, 59, 59)
        with nothing_changes(), pytest.raises(DayFull):
            announce(bob, 1)
        set_clock(2030, 5, 2, 0, 0, 0)
        announce(bob, LIMIT)
        with nothing_changes(), pytest.raises(DayFull):
            announce(bob, 1)
