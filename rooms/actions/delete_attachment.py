from django.db import transaction

from rooms import events
from rooms.actions.delete_message import delete_message
from rooms.actions.files import remove_bytes_after_commit
from rooms.models import Message, RoomCounter


@transaction.atomic
def delete_attachment(attachment):
    """Delete one file of a message and its bytes; everyone in the room is told.

    A message with nothing else in it goes with its last file. Repeating is harmless.
    """
    RoomCounter.objects.hold(attachment.room_id)
    message = Message.objects.filter(pk=attachment.message_id).first()
    attachment = message and message.attachments.filter(pk=attachment.pk).first()
    if attachment is None:  # as it is now
        return
    attachment.delete()
    remove_bytes_after_commit([attachment])
    if not message.body and not message.attachments.exists():
        delete_message(message)
        return
    message.change = RoomCounter.objects.take(message.room_id)
    message.save(update_fields=["change"])
    events.tell(message)
