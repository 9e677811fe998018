"""A room with sockets in this process: what was handed out, and what waits."""

import logging
import time

from rooms.live.frames import Head, merge
from rooms.live.presence import Presence
from rooms.live.socket import deliver_at_once

logger = logging.getLogger(__name__)

BEATS = 7  # seconds over which the heartbeats of rooms are spread


class LiveRoom:
    def __init__(self, room_id, head):
        self.id = room_id
        self.last, self.epoch = head  # the last change accepted here
        self.sockets = set()
        self.presence = Presence()
        self.waiting = {}  # batches beyond a hole, by first change
        self.undelivered = []  # batches in order, while a fan-out runs
        self.unpublished = []
        self.timers = {}
        self.beat_at = time.monotonic() - room_id % BEATS  # rooms opened together part

    @classmethod
    def unopened(cls, room_id, change):
        """Return one that nobody here has open, to pass on what changed."""
        return cls(room_id, Head(change, ""))

    def start_again(self, head):
        """Forget what was on its way: the room's order of changes is another."""
        self.last, self.epoch = head.change, head.epoch
        self.waiting.clear()

    @property
    def told(self):
        """The last change that everybody here has been sent."""
        return self.undelivered[0].first - 1 if self.undelivered else self.last

    @property
    def group(self):
        return f"room.{self.id}"

    def send(self, text):
        """Send one frame to everybody here."""
        for socket in self.sockets:
            socket.send(text)

    def fan_out(self, batches, turn):
        """Give changes to everybody here who lacks them; yields after `turn` sockets.

        First all of a turn are looked at, then all that are ready are written to: sends
        that follow each other closely are faster.
        """
        batch = merge(batches)
        frames, sockets = {}, list(self.sockets)
        for start in range(0, len(sockets), turn):
            if start:
                yield
            ready = self._look_at(sockets[start : start + turn], batch, frames)
            for language, those in ready.items():
                deliver_at_once(those, batch, frames[language])

    def _look_at(self, sockets, batch, frames):
        """Return {language: sockets that are ready}; the others are dealt with."""
        ready, closes, last = {}, batch.closes, batch.last
        for socket in sockets:
            if socket.last >= last:
                continue
            if closes and self._hears_no_more(socket, closes):
                continue
            language = socket.language
            if language not in frames:
                frames[language] = batch.to_frame(language)
            try:
                if not socket.is_ready():
                    socket.deliver(batch, frames[language])
                elif language in ready:
                    ready[language].append(socket)
                else:
                    ready[language] = [socket]
            except Exception:  # the others hear it all the same; this one has a gap
                logger.exception("live: a delivery to socket %d failed", socket.number)
        return ready

    @staticmethod
    def _hears_no_more(socket, closes):
        """Close the socket of a member who is told nothing from some change on."""
        change, code = closes.get(socket.member_id, (0, None))
        if change <= socket.last:
            return False
        socket.close(code)
        return True

    def take(self, batch):
        """Accept a batch in any order; return those that are next, in order."""
        known = self.waiting.get(batch.first)
        if batch.last > (known.last if known else self.last):
            self.waiting[batch.first] = batch
        ready = []
        while self.waiting:
            first = min(self.waiting)
            if first > self.last + 1:
                break
            batch = self.waiting.pop(first)
            if batch.last > self.last:
                ready.append(batch.after(self.last))
                self.last = batch.last
        return ready
