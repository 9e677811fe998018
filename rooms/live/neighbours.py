"""The other processes of the site: what they are told of a room, and what they tell."""

import uuid

from rooms.live.doorbell import Doorbell
from rooms.live.frames import Batch


class Neighbours:
    def __init__(self, hub, *, is_alone):
        self.hub = hub
        self.doorbell = Doorbell(
            uuid.uuid4().hex, is_alone=is_alone, on_recovery=self.meet_again
        )

    async def listen(self):
        """Hear them for ever."""
        await self.doorbell.listen(self._hear, self._groups)

    @property
    def _groups(self):
        return [room.group for room in self.hub.rooms.values()]

    def meet(self, room):
        """This process has opened a room; not waited for: while the layer is stuck,
        the polls bring the news."""
        self.hub.spawn(self._meet(room))

    async def _meet(self, room):
        await self.doorbell.subscribe(room.group)
        await self.doorbell.send(room, "hub.who")

    def meet_again(self):
        """Be heard of again by a layer that has forgotten this process."""
        self.hub.spawn(self.doorbell.resubscribe(self._groups))

    def part(self, room):
        self.hub.spawn(self.doorbell.unsubscribe(room.group))

    def tell_changes(self, room, batch):
        if self.doorbell.is_alone:
            return
        room.unpublished.append(batch)
        if len(room.unpublished) == 1:
            self.hub.spawn(self._publish(room))

    async def _publish(self, room):
        """One layer message at a time; what comes meanwhile goes with the next."""
        while room.unpublished:
            batches = list(room.unpublished)
            try:
                plain = [batch.to_layer() for batch in batches]
                await self.doorbell.send(room, "hub.changes", batches=plain)
            finally:
                del room.unpublished[: len(batches)]

    def tell_presence(self, room):
        """Who is in the room here."""
        people = list(room.presence.local.items())
        self.hub.spawn(self.doorbell.send(room, "hub.here", people=people))

    def tell_progress(self, room, files):
        if not self.doorbell.is_alone:
            self.hub.spawn(self.doorbell.send(room, "hub.progress", files=files))

    def tell_closed(self, room):
        self.hub.spawn(self.doorbell.send(room, "hub.closed"))

    def tell_changed_sessions(self):
        self.hub.spawn(self.doorbell.send_to_all("hub.sessions"))

    def _hear(self, message):
        if message["type"] == "hub.sessions":
            self.hub.clock.check_sessions_now()
            return
        room = self.hub.rooms.get(message["room"])
        if room is None:
            return
        if message["type"] == "hub.changes":
            for plain in message["batches"]:
                self.hub.accept(room, Batch.from_layer(plain))
        elif message["type"] == "hub.here":
            people = dict(message["people"])
            self.hub.hear_presence(room, message["origin"], people)
        elif message["type"] == "hub.progress":
            self.hub.progress.hear(room.id, message["files"])
        elif message["type"] == "hub.who":
            self.hub.tell_presence(room)
        elif message["type"] == "hub.closed":
            self.hub.close_sockets(room.id)
