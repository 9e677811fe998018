"""The lines a room says about itself: created, joined, left, removed, renamed."""

import uuid

from rooms import events
from rooms.models import Message, RoomCounter


def post_notice(room, notice, *, about=None, body=""):
    """Post a notice inside the caller's transaction; everyone in the room hears it."""
    change = RoomCounter.objects.take(room.pk)
    message = Message.objects.create(
        room=room,
        author=about,
        author_name=about.name if about else "",
        client_id=uuid.uuid4(),
        notice=notice,
        body=body,
        position=change,
        change=change,
    )
    events.tell(message)
    return message
