"""Every send, acknowledgement and receipt of a run, and the verdict on them.

A message goes by its client id here. Nothing in this file knows the protocol.
"""

import time
from collections import Counter
from typing import NamedTuple


class Verdict(NamedTuple):
    """What went wrong, as (client id, where) pairs."""

    lost: list = []  # acknowledged or stored, and missing; or shown and not stored
    doubled: list = []
    disordered: list = []
    leaked: list = []  # told to somebody after the end of the membership
    stuck: list = []  # written by a member, and never acknowledged


CLEAN = Verdict([], [], [], [], [])


class View:
    """What one member's screen shows, and when each message came there."""

    def __init__(self, room):
        self.room = room
        self.shown = {}  # position -> client id
        self.shown_at = {}
        self.misplaced = []
        self.last_change = 0
        self.ended_at_change = None
        self._last_live = 0

    @property
    def client_ids(self):
        return [self.shown[position] for position in sorted(self.shown)]

    def hear(self, change):
        self.last_change = max(self.last_change, change)

    def show(self, position, client_id, *, is_live=False):
        """Put a message in its place; what comes live may come only at the end."""
        if self.shown.get(position) == client_id:
            return
        if position in self.shown or (is_live and position < self._last_live):
            self.misplaced.append(client_id)
        if is_live:
            self._last_live = position
        self.shown[position] = client_id
        self.shown_at.setdefault(client_id, time.monotonic())


class Ledger:
    def __init__(self):
        self.views = {}  # reader -> View
        self.written = {}  # client id -> (author, moment)
        self.acknowledged = {}  # client id -> moment
        self.refused = {}  # client id -> code

    def open_view(self, reader, room):
        view = self.views[reader] = View(room)
        return view

    def write(self, author, client_id):
        self.written[client_id] = (author, time.monotonic())

    def acknowledge(self, client_id):
        self.acknowledged.setdefault(client_id, time.monotonic())

    def refuse(self, client_id, code):
        self.refused[client_id] = code

    def revoke(self, reader, change):
        """The membership ended with this change: it and what follows is secret."""
        self.views[reader].ended_at_change = change

    def delays(self, since=0.0, readers=None):
        """Seconds from acknowledgement to each receipt of what was written since."""
        return sorted(
            at - self.acknowledged[client_id]
            for reader in readers or self.views
            for client_id, at in self.views[reader].shown_at.items()
            if client_id in self.written and self.written[client_id][1] >= since
            if client_id in self.acknowledged
        )

    def waits(self, since=0.0):
        """Seconds from writing to acknowledgement of what was written since."""
        return sorted(
            at - self.written[client_id][1]
            for client_id, at in self.acknowledged.items()
            if self.written[client_id][1] >= since
        )

    def verdict(self, stored):
        """Judge the run; `stored` is {room: [client ids in the database's order]}."""
        found = Verdict([], [], [], [], [])
        for room, client_ids in stored.items():
            found.doubled.extend((c, f"stored in {room}") for c in repeated(client_ids))
        for reader, view in self.views.items():
            self._judge_view(reader, view, stored.get(view.room, []), found)
        for client_id, (author, _moment) in self.written.items():
            if client_id in self.acknowledged:
                if client_id not in stored.get(self.views[author].room, ()):
                    found.lost.append((client_id, "acknowledged, not stored"))
            elif self.views[author].ended_at_change is None:
                found.stuck.append((client_id, self.refused.get(client_id, author)))
        return found

    def _judge_view(self, reader, view, stored, found):
        shown, kept = view.client_ids, set(stored)
        found.doubled.extend((c, reader) for c in repeated(shown))
        found.disordered.extend((c, reader) for c in view.misplaced)
        found.disordered.extend((c, reader) for c in out_of_place(shown, stored))
        found.lost.extend((c, f"{reader}, not stored") for c in shown if c not in kept)
        ended = view.ended_at_change
        if ended is None:
            found.lost.extend((c, reader) for c in kept.difference(shown))
        elif view.last_change >= ended:
            found.leaked.append((view.last_change, reader))


def repeated(client_ids):
    return [c for c, count in Counter(client_ids).items() if count > 1]


def out_of_place(shown, stored):
    """Return what stands, of the common ones, where `stored` has another."""
    common = set(shown) & set(stored)
    ours = [c for c in dict.fromkeys(shown) if c in common]
    theirs = [c for c in dict.fromkeys(stored) if c in common]
    return [mine for mine, other in zip(ours, theirs, strict=True) if mine != other]
