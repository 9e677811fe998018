"""What travels: events, batches of them, and their two encodings (browser, layer)."""

import json
from typing import NamedTuple


class Event(NamedTuple):
    """One change of a room, ready to be sent.

    `texts` is {language: JSON object as text}; `closes` is {member id: close code} for
    members whose sockets must hear nothing from this change on.
    """

    change: int
    texts: dict[str, str]
    closes: dict[int, int] = {}


class Batch(NamedTuple):
    """All state that changed between `first` and `last`, in order of change.

    May hold fewer events than numbers: of a message changed twice only the later state
    exists.
    """

    first: int
    last: int
    events: list[Event]

    def to_frame(self, language):
        """Return the text frame for browsers in one language."""
        events = ",".join(event.texts[language] for event in self.events)
        return (
            f'{{"type":"changes","first":{self.first},"last":{self.last},'
            f'"events":[{events}]}}'
        )

    def to_layer(self):
        """Return plain lists, as msgpack carries them."""
        events = [[e.change, e.texts, list(e.closes.items())] for e in self.events]
        return [self.first, self.last, events]

    @classmethod
    def from_layer(cls, plain):
        first, last, events = plain
        return cls(first, last, [Event(c, t, dict(closes)) for c, t, closes in events])


class Missed(NamedTuple):
    """What a receiver that knew `change` has missed.

    `events` is None when that is more than a page: the history must be loaded again.
    """

    head: int
    epoch: str
    events: list[Event] | None


def frame(type_, **fields):
    """Return any other frame as text."""
    return json.dumps({"type": type_, **fields}, ensure_ascii=False)
