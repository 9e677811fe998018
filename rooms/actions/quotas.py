"""How much room files may take: reserved when they are announced."""

from django.utils import timezone

from rooms.exceptions import DayFull, MemberFull, RoomFull
from rooms.limits import MEMBER_DAY_BYTES, MEMBER_FILES_BYTES, MIB, ROOM_FILES_BYTES
from rooms.models import Attachment, Membership


def reserve(author, attachments):
    """Count a member's new files against what the room and the member may have.

    Runs inside the transaction that saves them, while it holds the room's counter: so
    two at once cannot both have the last of the room. Raises RoomFull, MemberFull or
    DayFull.
    """
    size = sum(attachment.size for attachment in attachments)
    in_room = Attachment.objects.in_room(author.room_id)
    if in_room.bytes() + size > ROOM_FILES_BYTES:
        raise RoomFull(most=ROOM_FILES_BYTES // MIB)
    if in_room.filter(message__author=author).bytes() + size > MEMBER_FILES_BYTES:
        raise MemberFull(most=MEMBER_FILES_BYTES // MIB)
    _count_today(author, size)


def _count_today(author, size):
    """Deleted files count too: it is the work of a day that is limited here."""
    today = timezone.now().date()
    row = Membership.objects.filter(pk=author.pk)
    day, before = row.values_list("uploaded_on", "uploaded_bytes").get()
    sent = size + (before if day == today else 0)
    if sent > MEMBER_DAY_BYTES:
        raise DayFull(most=MEMBER_DAY_BYTES // MIB)
    row.update(uploaded_on=today, uploaded_bytes=sent)
