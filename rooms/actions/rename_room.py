from django.db import transaction

from rooms.actions.notices import post_notice
from rooms.models import Message


@transaction.atomic
def rename_room(room, name):
    """Give the room another name; everyone in it hears the new one."""
    room.name = name
    room.save(update_fields=["name"])
    post_notice(room, Message.Notice.RENAMED, body=name)
