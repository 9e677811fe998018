"""A room with sockets in this process: what was handed out, and what waits."""

from rooms.live.presence import Presence


class LiveRoom:
    def __init__(self, room_id, head):
        self.id = room_id
        self.last = head  # the last change accepted here
        self.sockets = set()
        self.presence = Presence()
        self.waiting = {}  # batches beyond a hole, by first change
        self.undelivered = []  # batches in order, while a fan-out runs
        self.unpublished = []
        self.timers = {}

    @property
    def group(self):
        return f"room.{self.id}"

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
