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
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if locked.is_deleted or locked.is_notice:
        return
    remove_bytes_after_commit(locked.attachments.all().stored_names())
    locked.attachments.all().delete()
    locked.body, locked.deleted_at = "", timezone.now()
    locked.change = RoomCounter.objects.take(locked.room_id)
    locked.save(update_fields=["body", "deleted_at", "change"])
    events.tell(locked)
