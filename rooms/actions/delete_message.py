from django.db import transaction
from django.utils import timezone

from rooms import events
from rooms.actions.files import remove_bytes_after_commit
from rooms.models import Message, RoomCounter


@transaction.atomic
def delete_message(message):
    """Take back a message: its text, its files and their bytes are gone for everyone.

    An empty row stays in its place. Everyone in the room is told. Repeating it is
    harmless, and so is a notice, which stays.
    """
    RoomCounter.objects.hold(message.room_id)
    current = Message.objects.get(pk=message.pk)
    if current.is_deleted or current.is_notice:
        return
    remove_bytes_after_commit(current.attachments.all())
    current.attachments.all().delete()
    current.body, current.deleted_at = "", timezone.now()
    current.change = RoomCounter.objects.take(current.room_id)
    current.save(update_fields=["body", "deleted_at", "change"])
    events.tell(current)
