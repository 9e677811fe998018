"""The hub: every socket of one process, and who of them hears what.

The channel layer is a doorbell, the database is the mail: whatever the layer loses,
doubles or delays is noticed by change number and read from the database.
"""

import asyncio
import contextvars
import logging
from concurrent.futures import ThreadPoolExecutor

from rooms.live.clock import Clock
from rooms.live.frames import Batch, frame
from rooms.live.neighbours import Neighbours
from rooms.live.progress import Progress
from rooms.live.room import LiveRoom
from rooms.live.writer import Writer

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0  # after a failure
GAP_SECONDS = 0.05  # how long a hole waits for its batch before the database is asked
CLOSE_ROOM_SECONDS = 1.0
PRESENCE_SECONDS = 0.2  # arrivals that come together are told together
PRESENCE_SHARE = 0.001  # seconds more for each socket: large rooms are told less often
LAST_SENDS_SECONDS = 1.0
SENDS_AT_ONCE = 200  # then others of this process have their turn
NO_SUCH_ROOM = 4404

running: dict[asyncio.AbstractEventLoop, "Hub"] = {}


class Hub:
    """One per process and event loop.

    It is given plain functions that use the database, and calls them in its threads:
    `commit(drafts) -> answers` (see Writer), `heads(room ids) -> {id: Head}`,
    `changes_since(room id, change, member id) -> Missed | None` (None: no such room,
    or, asked for a member, one who is not one any more after what was read),
    `ended_sessions(sessions) -> those that are no more`, `receive(receipts) -> answers`
    (see Writer), and `work_waiting() -> bool`, which does one piece of what waits in
    the database and tells whether there was any: it may take its time, for it has a
    thread of its own
    """

    def __init__(
        self,
        *,
        heads,
        changes_since,
        ended_sessions=None,
        commit=None,
        keep_house=None,
        receive=None,
        receive_seconds=0.0,
        work_waiting=None,
        is_alone=False,
    ):
        self.heads = heads
        self.changes_since = changes_since
        self.ended_sessions = ended_sessions
        self.keep_house = keep_house
        self.loop = asyncio.get_running_loop()
        self.sockets = set()  # all, also those that are in no room yet
        self.rooms: dict[int, LiveRoom] = {}
        self.neighbours = Neighbours(self, is_alone=is_alone)
        self.writer = Writer(commit)
        self.receiver = Writer(receive, seconds=receive_seconds, together=1000)
        self.work_waiting = work_waiting
        self.clock = Clock(self)
        self.progress = Progress(self)
        self._locks: dict[int, asyncio.Lock] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="hub")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="hub-work")
        self._tasks = set()

    # Life

    @classmethod
    def get(cls, **functions):
        """Return the running loop's hub, starting it at the first call."""
        loop = asyncio.get_running_loop()
        if loop not in running:
            running[loop] = hub = cls(**functions)
            clock = hub.clock
            works = [hub.neighbours.listen, clock.beat, clock.poll, clock.work]
            works += [clock.keep_house] if hub.keep_house else []
            for work in works:
                hub.spawn(hub._supervise(work))
        return running[loop]

    async def stop(self):
        """End the hub's tasks; tests call this, servers just end."""
        running.pop(self.loop, None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in (self.writer, self.receiver):
            await writer.finish()
            writer.stop()
        self._threads.shutdown(wait=True)
        self._worker.shutdown(wait=True)

    async def finish(self):
        """Wait until what was handed in is committed and told; a moment only for
        readers who are behind."""
        await self.writer.finish()
        await self.receiver.finish()
        deadline = self.loop.time() + LAST_SENDS_SECONDS
        while self._has_unsent() and self.loop.time() < deadline:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)

    def _has_unsent(self):
        return any(room.undelivered for room in self.rooms.values()) or any(
            socket.is_behind for socket in self.sockets
        )

    def spawn(self, coroutine):
        # An empty context: a task born in a request must not keep that request's.
        task = self.loop.create_task(coroutine, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _supervise(self, work):
        while True:
            try:
                await work()
            except Exception as error:
                logger.warning("live: %s failed: %r", work.__qualname__, error)
                await asyncio.sleep(AGAIN_SECONDS)

    def ask(self, function, *arguments):
        """Call a function that may wait, in a thread; await its result."""
        return self.loop.run_in_executor(self._threads, function, *arguments)

    async def work(self):
        """Do all that waits in the database, piece by piece."""
        while self.work_waiting and await self.loop.run_in_executor(
            self._worker, self.work_waiting
        ):
            pass

    def soon(self, room, seconds, work):
        """Do `work(room)` once within `seconds`, however often it is asked for."""
        if work.__name__ in room.timers:
            return

        def due():
            del room.timers[work.__name__]
            work(room)

        room.timers[work.__name__] = self.loop.call_later(seconds, due)

    # Sockets come and go

    async def join(self, room_id, socket, change, epoch):
        """Send `socket` what it missed after `change`, then everything live.

        Returns the Missed that was sent last (its `events` None: the browser must load
        its history again and ask anew), or None when the room or the membership ended.
        """
        room = await self._open_room(room_id)
        if room is None:
            return None
        room.sockets.discard(socket)
        while True:
            missed = await self.ask(
                self.changes_since, room_id, change, socket.member_id
            )
            if missed and missed.epoch != epoch:
                missed = missed._replace(events=None)
            if missed is None or missed.events is None:
                self._let_go(room)
                return missed
            if missed.change > change:
                batch = Batch(change + 1, missed.change, missed.events)
                socket.deliver(batch, batch.to_frame(socket.language))
            change = missed.change
            if room.last <= change:  # nothing came meanwhile; no await from here on
                break
        if self.rooms.get(room_id) is not room:
            return await self.join(room_id, socket, change, epoch)
        socket.last, socket.room_id = change, room_id
        room.sockets.add(socket)
        room.presence.arrive(socket)
        self._presence_changed(room)
        return missed

    def leave(self, room_id, socket):
        """Forget a socket; harmless when repeated."""
        self.sockets.discard(socket)
        if room := self.rooms.get(room_id):
            room.sockets.discard(socket)
            room.presence.depart(socket)
            self._presence_changed(room)
            self._let_go(room)

    async def _open_room(self, room_id):
        async with self._locks.setdefault(room_id, asyncio.Lock()):
            if room_id in self.rooms:
                return self.rooms[room_id]
            heads = await self.ask(self.heads, [room_id])
            if room_id not in heads:
                return None
            room = self.rooms[room_id] = LiveRoom(room_id, heads[room_id])
            self.neighbours.meet(room)
            return room

    def _let_go(self, room):
        if not room.sockets:
            self.soon(room, CLOSE_ROOM_SECONDS, self._close_room)

    def _close_room(self, room):
        if not room.sockets and self.rooms.get(room.id) is room:
            del self.rooms[room.id]
            self._locks.pop(room.id, None)
            self.neighbours.part(room)

    # Changes come in

    def take_all(self, batches):
        for room_id, batch in batches:
            self.take(room_id, batch)

    def take(self, room_id, batch):
        """A change of this process: give it to the sockets here and to the others."""
        room = self.rooms.get(room_id) or LiveRoom.unopened(room_id, batch.first - 1)
        self.accept(room, batch)
        self.neighbours.tell_changes(room, batch)

    def take_progress(self, room_id, files):
        self.progress.take(room_id, files)

    def take_closed_room(self, room_id):
        self.close_sockets(room_id)
        self.neighbours.tell_closed(
            self.rooms.get(room_id) or LiveRoom.unopened(room_id, 0)
        )

    def take_changed_sessions(self):
        self.clock.check_sessions_now()
        self.neighbours.tell_changed_sessions()

    def fill(self, room):
        """Read from the database what this process has missed of a room."""
        if self.rooms.get(room.id) is room:
            self.spawn(self._fill_from_database(room))

    def send_back(self, room, head):
        """Too much was missed at once: every browser here loads its history again."""
        room.start_again(head)
        room.send(frame("reload", epoch=head.epoch))
        room.sockets.clear()

    def close_sockets(self, room_id):
        if room := self.rooms.get(room_id):
            for socket in list(room.sockets):
                socket.close(NO_SUCH_ROOM)

    def accept(self, room, batch):
        """A change of any process, in any order: give it to the sockets here."""
        ready = room.take(batch)
        is_delivering = bool(room.undelivered)
        room.undelivered += ready
        if ready and not is_delivering:
            self._deliver(room)
        if room.waiting:
            self.soon(room, GAP_SECONDS, self.fill)

    async def _fill_from_database(self, room):
        change = room.last
        missed = await self.ask(self.changes_since, room.id, change, None)
        if missed is None:
            self.close_sockets(room.id)
        elif missed.events is None:
            self.send_back(room, missed)
        elif missed.change > change:
            self.accept(room, Batch(change + 1, missed.change, missed.events))

    def _deliver(self, room):
        if len(room.sockets) > SENDS_AT_ONCE:
            self.spawn(self._deliver_in_turns(room))
            return
        try:
            for _turn in room.fan_out(room.undelivered, SENDS_AT_ONCE):
                pass
        except Exception:  # the room goes on: who missed it has a gap, and asks
            logger.exception("live: a delivery failed")
        room.undelivered.clear()

    async def _deliver_in_turns(self, room):
        """Fan out in turns; what comes meanwhile goes together in the next round."""
        while room.undelivered:
            batches = list(room.undelivered)
            try:
                for _turn in room.fan_out(batches, SENDS_AT_ONCE):
                    await asyncio.sleep(0)
            except Exception:
                logger.exception("live: a delivery failed")
            del room.undelivered[: len(batches)]

    # Presence

    def _presence_changed(self, room):
        seconds = PRESENCE_SECONDS + PRESENCE_SHARE * len(room.sockets)
        self.soon(room, seconds, self.tell_presence)

    def tell_presence(self, room):
        """Tell the browsers here who came and went, and the other processes all."""
        self._recount(room)
        self.neighbours.tell_presence(room)

    def hear_presence(self, room, process, people):
        """Another process told who is in a room there."""
        room.presence.hear(process, people)
        self.soon(room, PRESENCE_SECONDS, self._recount)

    def _recount(self, room):
        came, went = room.presence.refresh()
        if came or went:
            here = [{"id": i, "name": name} for i, name in came.items()]
            count = len(room.presence.here)
            room.send(frame("presence", came=here, went=went, count=count))
