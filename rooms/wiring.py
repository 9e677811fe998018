"""Where the live engine meets the database: the functions that it is given."""

import logging
from functools import wraps

from django.conf import settings
from django.db import connection
from django.http import Http404

from chatsite.processes import is_first
from rooms import actions, live
from rooms.access import membership_of
from rooms.events import event_of
from rooms.exceptions import DATABASE_AWAY
from rooms.limits import CATCH_UP_CHARACTERS, CATCH_UP_MESSAGES, RECEIPT_SECONDS
from rooms.logins import SessionStore, ended_logins, login_of
from rooms.models import Membership, Message, RoomCounter

logger = logging.getLogger(__name__)


def hub():
    """Return this event loop's hub, started when it was not running yet."""
    return live.Hub.get(
        heads=heads,
        changes_since=changes_since,
        ended_sessions=ended_sessions,
        commit=commit,
        keep_house=keep_house if is_first() else None,
        receive=receive,
        receive_seconds=RECEIPT_SECONDS,
        work_waiting=work_waiting,
        is_alone=not settings.REDIS_URL,
    )


def with_hub(application):
    """Wrap an ASGI application so that its process listens from the start."""

    async def wrapped(scope, receive, send):
        hub()
        await application(scope, receive, send)

    return wrapped


def keeping_connection(function):
    """Have a thread of the engine keep its connection from call to call.

    When the connection was cut, as by a database that restarts, the call is made once
    more with a new one: all of these may be repeated.
    """

    @wraps(function)
    def wrapped(*arguments):
        try:
            return function(*arguments)
        except DATABASE_AWAY:
            connection.close()
            return function(*arguments)

    return wrapped


@keeping_connection
def post_messages(drafts):
    return actions.post_messages(drafts)


def commit(drafts):
    """Post drafts together. Raises live.Busy while the database is away: should a
    commit have come through all the same, sending again finds its messages."""
    try:
        return post_messages(drafts)
    except DATABASE_AWAY as away:
        connection.close()
        logger.warning("posts wait: the database fails (%r)", away)
        raise live.Busy from away


def keep_house():
    """Once for the site, in a thread that is used by others too."""
    try:
        actions.housekeep()
    finally:
        connection.close()


def receive(receipts):
    """Store receipts together. Raises live.Busy while the database is away."""
    try:
        return receive_files(receipts)
    except DATABASE_AWAY as away:
        connection.close()
        raise live.Busy from away


@keeping_connection
def receive_files(receipts):
    return actions.receive_files(receipts)


@keeping_connection
def work_waiting():
    """Do one piece of what waits; return whether there was any."""
    return actions.make_waiting_preview()


@keeping_connection
def heads(room_ids):
    """Return {room id: live.Head} of the rooms that exist."""
    rows = RoomCounter.objects.heads(room_ids)
    return {room_id: live.Head(*head) for room_id, head in rows.items()}


@keeping_connection
def find_member(session_key, public_id):
    """Return (membership, login) of who opens a socket, or None."""
    session = SessionStore(session_key)
    try:
        return membership_of(session, public_id), login_of(session)
    except Http404:
        return None


@keeping_connection
def ended_sessions(logins):
    return ended_logins(logins)


@keeping_connection
def changes_since(room_id, change, member_id=None):
    """Return the live.Missed of a room after a change number, or None: see live.Hub."""
    head = heads([room_id]).get(room_id)
    if head is None:
        return None
    if change > head.change:  # somebody knows more than there is: a backup was restored
        return live.Missed(*head, None)
    messages = []
    if change < head.change:
        rows = Message.objects.filter(room=room_id).changed_after(change)
        messages = list(rows[: CATCH_UP_MESSAGES + 1])
    # After reading: whoever is a member still was one for all that was read.
    if member_id and not Membership.objects.active().filter(pk=member_id).exists():
        return None
    if len(messages) > CATCH_UP_MESSAGES or length(messages) > CATCH_UP_CHARACTERS:
        return live.Missed(*head, None)
    if messages:  # committed between the two reads
        head = head._replace(change=max(head.change, messages[-1].change))
    return live.Missed(*head, [event_of(message) for message in messages])


def length(messages):
    return sum(len(message.body) for message in messages)
