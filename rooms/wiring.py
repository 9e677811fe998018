"""Where the live engine meets the database: the functions that it is given."""

import logging

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
)

from rooms import actions, live
from rooms.events import event_of
from rooms.limits import CATCH_UP_MESSAGES
from rooms.models import Membership, Message, Room, RoomCounter

logger = logging.getLogger(__name__)


def hub():
    """Return this event loop's hub, started when it was not running yet."""
    return live.Hub.get(
        heads=heads,
        changes_since=changes_since,
        commit=commit,
        is_alone=not settings.REDIS_URL,
    )


def with_hub(application):
    """Wrap an ASGI application so that its process listens from the start."""

    async def wrapped(scope, receive, send):
        hub()
        await application(scope, receive, send)

    return wrapped


def commit(drafts):
    """Post drafts together, on the connection that the writer's thread keeps.

    Raises live.Busy while the database is away. Should a commit have come through all
    the same, sending again is harmless: the client ids are known.
    """
    try:
        return actions.post_messages(drafts)
    except (DatabaseError, InterfaceError):  # it may be the connection: try a new one
        connection.close()
    try:
        return actions.post_messages(drafts)
    except (OperationalError, InterfaceError) as away:
        connection.close()
        logger.warning("posts wait: the database fails (%r)", away)
        raise live.Busy from away


def heads(room_ids):
    try:
        return RoomCounter.objects.heads(room_ids)
    finally:
        close_old_connections()


def changes_since(room_id, change, member_id=None):
    try:
        return _changes_since(room_id, change, member_id)
    finally:
        close_old_connections()


def _changes_since(room_id, change, member_id):
    room = Room.objects.select_related("counter").filter(pk=room_id).first()
    if room is None:
        return None
    head = room.counter.last_change
    if change > head:  # somebody knows more than there is: a backup was restored
        return live.Missed(head, room.epoch, None)
    rows = Message.objects.filter(room=room).changed_after(change)
    messages = list(rows[: CATCH_UP_MESSAGES + 1])
    # After reading: whoever is a member still was one for all that was read.
    if member_id and not Membership.objects.active().filter(pk=member_id).exists():
        return None
    if len(messages) > CATCH_UP_MESSAGES:
        return live.Missed(head, room.epoch, None)
    if messages:  # committed between the two reads
        head = max(head, messages[-1].change)
    return live.Missed(head, room.epoch, [event_of(m) for m in messages])
