"""What travels: events, batches of them, and their encodings (browser, wire, layer)."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

FINAL_TEXT = 0x81  # RFC 6455, 5.2: FIN and opcode 1


class Frame(str):
    """A text frame for browsers, which keeps its bytes on the wire once built."""

    @cached_property
    def wire(self):
        """The unmasked WebSocket frame, as servers send it (RFC 6455, 5.2)."""
        payload = self.encode()
        size = len(payload)
        if size < 126:
            return bytes([FINAL_TEXT, size]) + payload
        if size < 65536:
            return bytes([FINAL_TEXT, 126]) + size.to_bytes(2, "big") + payload
        return bytes([FINAL_TEXT, 127]) + size.to_bytes(8, "big") + payload


class Event(NamedTuple):
    """One change of a room, ready to be sent.

    `texts` is {language: JSON object as text}; `closes` is {member id: close code} for
    members whose sockets must hear nothing from this change on.
    """

    change: int
    texts: Mapping[str, str]
    closes: dict[int, int] = {}


class Batch(NamedTuple):
    """All state that changed between `first` and `last`, in order of change.

    May hold fewer events than numbers: of a message changed twice only the later state
    exists.
    """

    first: int
    last: int
    events: list[Event]

    @property
    def closes(self):
        """{member id: (change, close code)} of members who hear no more."""
        return {
            member: (event.change, code)
            for event in self.events
            for member, code in event.closes.items()
        }

    def after(self, change):
        """Return the part that somebody who knows `change` has not seen."""
        if self.first > change:
            return self
        news = [event for event in self.events if event.change > change]
        return Batch(change + 1, self.last, news)

    def to_frame(self, language):
        """Return the frame for browsers in one language."""
        events = ",".join([event.texts[language] for event in self.events])
        return Frame(
            f'{{"type":"changes","first":{self.first},"last":{self.last},'
            f'"events":[{events}]}}'
        )

    def to_layer(self):
        """Return plain lists, as msgpack carries them."""
        events = [
            [e.change, dict(e.texts), list(e.closes.items())] for e in self.events
        ]
        return [self.first, self.last, events]

    @classmethod
    def from_layer(cls, plain):
        first, last, events = plain
        return cls(first, last, [Event(c, t, dict(closes)) for c, t, closes in events])


class Head(NamedTuple):
    """How far a room has come. Another epoch: what was known of it counts no more."""

    change: int
    epoch: str


class Missed(NamedTuple):
    """What a receiver that knew `change` has missed.

    `events` is None when that is more than a page: the history must be loaded again.
    """

    change: int  # the room's last
    epoch: str
    events: list[Event] | None


def merge(batches):
    """Return batches that follow each other as one."""
    if len(batches) == 1:
        return batches[0]
    events = [event for batch in batches for event in batch.events]
    return Batch(batches[0].first, batches[-1].last, events)


def frame(type_, **fields):
    """Return any other frame."""
    return Frame(json.dumps({"type": type_, **fields}, ensure_ascii=False))
