"""The hub: every socket of one process, and who of them hears what.

The channel layer is a doorbell, the database is the mail: whatever the layer loses,
doubles or delays is noticed by change number and read from the database.
"""

import asyncio
import contextvars
import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from rooms.live.doorbell import Doorbell
from rooms.live.frames import Batch, frame, merge
from rooms.live.room import LiveRoom
from rooms.live.socket import TOO_SLOW
from rooms.live.writer import Writer

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 7.0
SILENCE_SECONDS = 18.0  # a browser that did not answer for so long is gone
GAP_SECONDS = 0.05  # how long a hole waits for its batch before the database is asked
PRESENCE_SECONDS = 0.2  # arrivals that come together are told together
REGROUP_SECONDS = 60.0
SENDS_AT_ONCE = 200  # then others of this process have their turn
NO_SUCH_ROOM = 4404
GONE_SILENT = 4000

running: dict[asyncio.AbstractEventLoop, "Hub"] = {}


def announce(room_id, batch):
    """Tell every process what changed in a room; from any thread, after the commit.

    Without a hub in this process nothing is lost: the others' polls find it.
    """
    for hub in list(running.values()):
        hub.loop.call_soon_threadsafe(hub.take, room_id, batch)


def announce_closed_room(room_id):
    """Close every socket of a room that is no more; from any thread."""
    for hub in list(running.values()):
        hub.loop.call_soon_threadsafe(hub.take_closed_room, room_id)


async def finish():
    """Wait until what was handed in is committed and answered; before a stop."""
    for hub in list(running.values()):
        await hub.writer.finish()


def people_here(room_id):
    """Return who is in a room now, {public id: name}; from any thread."""
    people = {}
    for hub in list(running.values()):
        if room := hub.rooms.get(room_id):
            people.update(room.presence.here)
    return people


def is_degraded():
    """Whether the channel layer fails, so that news waits for the polls."""
    return any(hub.doorbell.is_degraded for hub in list(running.values()))


class Hub:
    """One per process and event loop.

    It is given plain functions that use the database, and calls them in its threads:
    `commit(drafts) -> answers` (see Writer), `heads(room ids) -> {id: last change}`,
    and `changes_since(room id, change, member id) -> Missed | None` (None: no such
    room, or, asked for a member, one who is not one any more after what was read).
    """

    def __init__(self, *, heads, changes_since, commit=None, is_alone=False):
        self.heads = heads
        self.changes_since = changes_since
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[int, LiveRoom] = {}
        self.doorbell = Doorbell(uuid.uuid4().hex, is_alone=is_alone)
        self.writer = Writer(commit)
        self._locks: dict[int, asyncio.Lock] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="hub")
        self._tasks = set()

    # Life

    @classmethod
    def get(cls, **functions):
        """Return the running loop's hub, starting it at the first call."""
        loop = asyncio.get_running_loop()
        if loop not in running:
            running[loop] = hub = cls(**functions)
            hub._spawn(hub._supervise(hub._listen))
            hub._spawn(hub._supervise(hub._tick))
        return running[loop]

    async def stop(self):
        """End the hub's tasks; tests call this, servers just end."""
        running.pop(self.loop, None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.writer.finish()
        self.writer.stop()
        self._threads.shutdown(wait=True)

    def _spawn(self, coroutine):
        # An empty context: a task born in a request must not keep that request's.
        task = self.loop.create_task(coroutine, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _supervise(self, work):
        while True:
            try:
                await work()
            except Exception as error:
                self.doorbell.failed(error)
                await asyncio.sleep(TICK_SECONDS)

    def _ask(self, function, *arguments):
        return self.loop.run_in_executor(self._threads, function, *arguments)

    # Sockets come and go

    async def join(self, room_id, socket, change):
        """Send `socket` what it missed after `change`, then everything live.

        Returns the Missed that was sent last (its `events` None: the browser must load
        its history again and ask anew), or None when the room or the membership ended.
        """
        room = await self._open_room(room_id)
        if room is None:
            return None
        room.sockets.discard(socket)
        while True:
            missed = await self._ask(
                self.changes_since, room_id, change, socket.member_id
            )
            if missed is None or missed.events is None:
                self._let_go(room)
                return missed
            if missed.head > change:
                batch = Batch(change + 1, missed.head, missed.events)
                socket.deliver(batch, batch.to_frame(socket.language))
            change = missed.head
            if room.last <= change:  # nothing came meanwhile; no await from here on
                break
        if self.rooms.get(room_id) is not room:
            return await self.join(room_id, socket, change)
        socket.last = change
        room.sockets.add(socket)
        room.presence.arrive(socket)
        self._soon(room, PRESENCE_SECONDS, self._tell_presence)
        return missed

    def leave(self, room_id, socket):
        """Forget a socket; harmless when repeated."""
        if room := self.rooms.get(room_id):
            room.sockets.discard(socket)
            room.presence.depart(socket)
            self._soon(room, PRESENCE_SECONDS, self._tell_presence)
            self._let_go(room)

    async def _open_room(self, room_id):
        async with self._locks.setdefault(room_id, asyncio.Lock()):
            if room_id in self.rooms:
                return self.rooms[room_id]
            heads = await self._ask(self.heads, [room_id])
            if room_id not in heads:
                return None
            room = self.rooms[room_id] = LiveRoom(room_id, heads[room_id])
            await self.doorbell.subscribe(room)
            self._spawn(self.doorbell.send(room, "hub.who"))
            return room

    def _let_go(self, room):
        if not room.sockets:
            self._soon(room, TICK_SECONDS, self._close_room)

    def _close_room(self, room):
        if not room.sockets and self.rooms.get(room.id) is room:
            del self.rooms[room.id]
            self._spawn(self.doorbell.unsubscribe(room))

    # Changes come in

    def take(self, room_id, batch):
        """A change of this process: give it to the sockets here and to the others."""
        room = self.rooms.get(room_id) or LiveRoom(room_id, batch.first - 1)
        self._accept(room, batch)
        room.unpublished.append(batch)
        if len(room.unpublished) == 1 and not self.doorbell.is_alone:
            self._spawn(self._publish(room))

    def take_closed_room(self, room_id):
        self._close_sockets(room_id)
        room = self.rooms.get(room_id) or LiveRoom(room_id, 0)
        self._spawn(self.doorbell.send(room, "hub.closed"))

    def _accept(self, room, batch):
        ready = room.take(batch)
        is_delivering = bool(room.undelivered)
        room.undelivered += ready
        if ready and not is_delivering:
            self._spawn(self._deliver(room))
        if room.waiting:
            self._soon(room, GAP_SECONDS, self._fill)

    async def _deliver(self, room):
        """Fan out; what comes meanwhile goes together in the next round."""
        while room.undelivered:
            count = len(room.undelivered)
            try:
                await self._fan_out(room, merge(room.undelivered[:count]))
            except Exception:  # the room goes on: who missed it has a gap, and asks
                logger.exception("live: a delivery failed")
            del room.undelivered[:count]

    async def _fan_out(self, room, batch):
        frames = {}
        closes = {
            member: (event.change, code)
            for event in batch.events
            for member, code in event.closes.items()
        }
        for count, socket in enumerate(list(room.sockets), 1):
            if count % SENDS_AT_ONCE == 0:
                await asyncio.sleep(0)
            if socket.last >= batch.last:
                continue
            change, code = closes.get(socket.member_id, (0, None))
            if change > socket.last:
                socket.close(code)
                continue
            if socket.language not in frames:
                frames[socket.language] = batch.to_frame(socket.language)
            socket.deliver(batch, frames[socket.language])

    def _fill(self, room):
        if self.rooms.get(room.id) is room:
            self._spawn(self._fill_from_database(room))

    async def _fill_from_database(self, room):
        change = room.last
        missed = await self._ask(self.changes_since, room.id, change, None)
        if missed is None:
            self._close_sockets(room.id)
        elif missed.events is None:
            self._send_back(room, missed)
        elif missed.head > change:
            self._accept(room, Batch(change + 1, missed.head, missed.events))

    def _send_back(self, room, missed):
        """Too much was missed at once: every browser here loads its history again."""
        room.last = missed.head
        for socket in list(room.sockets):
            socket.send(frame("reload", epoch=missed.epoch))
            room.sockets.discard(socket)

    def _close_sockets(self, room_id, code=NO_SUCH_ROOM):
        if room := self.rooms.get(room_id):
            for socket in list(room.sockets):
                socket.close(code)

    # Presence

    def _tell_presence(self, room):
        self._recount(room)
        people = list(room.presence.local.items())
        self._spawn(self.doorbell.send(room, "hub.here", people=people))

    def _recount(self, room):
        came, went = room.presence.refresh()
        if came or went:
            here = [{"id": i, "name": name} for i, name in came.items()]
            count = len(room.presence.here)
            text = frame("presence", came=here, went=went, count=count)
            for socket in room.sockets:
                socket.send(text)

    # The clock

    async def _tick(self):
        beat_at = regroup_at = 0.0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self._poll()
            now = time.monotonic()
            self._close_lost(now)
            if now - beat_at > HEARTBEAT_SECONDS:
                beat_at = now
                self._beat()
            if now - regroup_at > REGROUP_SECONDS:
                regroup_at = now
                for room in list(self.rooms.values()):
                    await self.doorbell.subscribe(room)

    async def _poll(self):
        """Notice what no doorbell rang for: lost news, other writers, ended rooms."""
        rooms = list(self.rooms.values())  # others may open while these are asked for
        if not rooms:
            return
        heads = await self._ask(self.heads, [room.id for room in rooms])
        for room in rooms:
            if room.id not in heads:
                self._close_sockets(room.id)
            elif heads[room.id] > room.last:
                self._fill(room)

    def _close_lost(self, now):
        for room in self.rooms.values():
            for socket in list(room.sockets):
                if socket.is_stuck(now):
                    socket.close(TOO_SLOW)
                elif now - socket.heard_at > SILENCE_SECONDS:
                    socket.close(GONE_SILENT)
                    self.leave(room.id, socket)

    def _beat(self):
        for room in self.rooms.values():
            text = frame("heartbeat", head=room.last)
            for socket in room.sockets:
                socket.send(text)
            self._tell_presence(room)

    def _soon(self, room, seconds, work):
        """Do `work(room)` once within `seconds`, however often it is asked for."""
        if work.__name__ in room.timers:
            return

        def due():
            del room.timers[work.__name__]
            work(room)

        room.timers[work.__name__] = self.loop.call_later(seconds, due)

    # The other processes

    async def _listen(self):
        await self.doorbell.listen(self._hear, lambda: list(self.rooms.values()))

    def _hear(self, message):
        room = self.rooms.get(message["room"])
        if room is None:
            return
        if message["type"] == "hub.changes":
            for plain in message["batches"]:
                self._accept(room, Batch.from_layer(plain))
        elif message["type"] == "hub.here":
            room.presence.hear(message["origin"], dict(message["people"]))
            self._soon(room, PRESENCE_SECONDS, self._recount)
        elif message["type"] == "hub.who":
            self._tell_presence(room)
        elif message["type"] == "hub.closed":
            self._close_sockets(room.id)

    async def _publish(self, room):
        """One layer message at a time; what comes meanwhile goes with the next."""
        while room.unpublished:
            batches = [batch.to_layer() for batch in room.unpublished]
            await self.doorbell.send(room, "hub.changes", batches=batches)
            del room.unpublished[: len(batches)]
