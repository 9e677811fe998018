from django.db import transaction

from rooms.actions.notices import post_notice
from rooms.models import Message, Room, RoomCounter


@transaction.atomic
def rename_room(room, name):
    """Give the room another name; everyone in it hears the new one.

    Repeating it is harmless.
    """
    RoomCounter.objects.hold(room.pk)
    renamed = Room.objects.filter(pk=room.pk).exclude(name=name).update(name=name)
    room.name = name
    if renamed:
        post_notice(room, Message.Notice.RENAMED, body=name)
