"""What is told to browsers, in which words. Called by actions only; sent after commit.

An event is the state of one message (or notice) after a change: the same function makes
the live event and the one a returning browser catches up with.
"""

import json
from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import transaction

from rooms import drawing, live
from rooms.models import Message

NOT_A_MEMBER = 4403  # close code

TYPES = {
    Message.Notice.NONE: "message.posted",
    Message.Notice.CREATED: "room.created",
    Message.Notice.JOINED: "member.joined",
    Message.Notice.LEFT: "member.left",
    Message.Notice.REMOVED: "member.removed",
    Message.Notice.RENAMED: "room.renamed",
}
DELETED = "message.deleted"
ENDS_MEMBERSHIP = {Message.Notice.LEFT, Message.Notice.REMOVED}
LANGUAGES = [code for code, _name in settings.LANGUAGES]
to_json = json.JSONEncoder(ensure_ascii=False).encode


def tell(*messages):
    """Once this transaction commits, tell everyone in their rooms the messages' state.

    The messages of a room must carry, in order, the last numbers of its counter.
    """
    transaction.on_commit(lambda: live.announce(_batches(messages)), robust=True)


def tell_room_deleted(room_id):
    """Once this transaction commits, close every socket of the room (4404)."""
    transaction.on_commit(lambda: live.announce_closed_room(room_id), robust=True)


def tell_progress(attachment, received):
    """Tell everyone in the room how many bytes of a file have come. Not kept: whoever
    misses it hears the next, or that the file is there."""
    live.announce_progress(attachment.room_id, {attachment.public_id: received})


def event_of(message):
    """Return the live.Event that brings a browser to the message's present state."""
    closes = {}
    if message.notice in ENDS_MEMBERSHIP:
        closes = {message.author_id: NOT_A_MEMBER}
    texts = Texts(message, drawing.values_of(message))
    if not drawing.is_plain(message):  # to draw it may take the database: not later
        texts = dict(texts)
    return live.Event(message.change, texts, closes)


class Texts(Mapping):
    """{language: an event as JSON}, each drawn when somebody who reads it is there."""

    def __init__(self, message, values):
        self._message, self._values = message, values
        self._drawn = {}

    def __getitem__(self, language):
        if language not in self._drawn:
            fields = fields_of(self._message, language, self._values)
            self._drawn[language] = to_json(fields)
        return self._drawn[language]

    def __iter__(self):
        return iter(LANGUAGES)

    def __len__(self):
        return len(LANGUAGES)

    def __reduce__(self):
        return dict, (dict(self),)  # another process gets the texts


def type_of(message):
    return DELETED if message.is_deleted else TYPES[message.notice]


def fields_of(message, language, values=None):
    """Return the event as its JSON fields, drawn in a language (see drawing.draw)."""
    values = values or drawing.values_of(message)
    fields = {
        "type": type_of(message),
        "change": message.change,
        "position": message.position,
        "client_id": values["client_id"],
        "author": values["author_id"],
        "html": drawing.draw(message, language, values),
    }
    if message.notice == Message.Notice.RENAMED:
        fields["name"] = message.body
    return fields


def _batches(messages):
    """Return (room id, live.Batch) of each run of messages in one room."""
    batches = []
    for room_id, of_room in groupby(messages, key=attrgetter("room_id")):
        events = [event_of(message) for message in of_room]
        batch = live.Batch(events[0].change, events[-1].change, events)
        batches.append((room_id, batch))
    return batches
