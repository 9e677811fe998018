from django.db import transaction

from rooms import events
from rooms.actions.files import remove_bytes_after_commit
from rooms.models import Attachment, RoomCounter


@transaction.atomic
def delete_room(room):
    """Delete a room with its members, messages, files and their bytes.

    Every socket in it is closed (4404); its number is free again.
    """
    RoomCounter.objects.hold(room.pk)  # what is being posted is deleted too
    remove_bytes_after_commit(Attachment.objects.filter(room=room))
    room_id = room.pk
    room.delete()
    events.tell_room_deleted(room_id)
