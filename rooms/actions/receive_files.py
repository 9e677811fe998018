from collections import defaultdict

from django.db import transaction

from rooms import events
from rooms.models import Attachment, Membership, Message, Receipt, RoomCounter


def receive_file(attachment, membership):
    """Note that a member has the whole of a file; everyone in the room is told.

    There is one receipt per member and file, and none of the sender. Repeating it, a
    file that is gone and a membership that has ended are harmless, and told to nobody.
    """
    receive_files([(attachment.pk, membership.pk)])


def receive_files(pairs):
    """`receive_file` for many at once, as (attachment id, membership id).

    A message takes one change for all receipts of its files. Returns a None for each
    pair (see live.Writer).
    """
    files = Attachment.objects.ready().in_bulk({file for file, _member in pairs})
    rooms = defaultdict(list)
    for file_id, member_id in dict.fromkeys(pairs):
        if file_id in files:
            rooms[files[file_id].room_id].append((files[file_id], member_id))
    for room_id, received in rooms.items():
        _receive_in(room_id, received)
    return [None] * len(pairs)


@transaction.atomic
def _receive_in(room_id, received):
    """One transaction per room: each takes one counter only, so none waits in a circle,
    and no two count the same receipt as new."""
    RoomCounter.objects.hold(room_id)
    messages = Message.objects.in_bulk({file.message_id for file, _m in received})
    new = _new_receipts(room_id, received, messages)
    if not new:
        return
    Receipt.objects.bulk_create(new)
    changed = [messages[pk] for pk in sorted({r.attachment.message_id for r in new})]
    last = RoomCounter.objects.take_many({room_id: len(changed)})[room_id]
    for change, message in enumerate(changed, last - len(changed) + 1):
        message.change = change
    Message.objects.bulk_update(changed, ["change"])
    events.tell(*changed)


def _new_receipts(room_id, received, messages):
    files = {file.pk for file, _member_id in received}
    there = set(Attachment.objects.filter(pk__in=files).values_list("pk", flat=True))
    known = Receipt.objects.filter(attachment__in=there)
    known = set(known.values_list("attachment_id", "member_id"))
    members = Membership.objects.active().filter(room=room_id)
    members = members.in_bulk({member_id for _file, member_id in received})
    return [
        Receipt(
            attachment=file, member=members[member_id], name=members[member_id].name
        )
        for file, member_id in received
        if file.pk in there
        and member_id in members
        and messages[file.message_id].author_id != member_id
        and (file.pk, member_id) not in known
    ]
