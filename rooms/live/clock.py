"""What a hub does by the clock: heartbeats, farewells, polls for what was not told."""

import asyncio
import contextlib
import time

from rooms.live.frames import frame
from rooms.live.socket import TOO_SLOW

TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 7.0
SILENCE_SECONDS = 18.0  # a browser that did not answer for so long is gone
SESSION_SECONDS = 8.0
REGROUP_SECONDS = 60.0
HOUSEKEEPING_SOON_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 60.0 * 60
GONE_SILENT = 4000
SESSION_ENDED = 4401


class Clock:
    def __init__(self, hub):
        self.hub = hub
        self._done_at = {}
        self._must_poll = asyncio.Event()

    async def beat(self):
        """Heartbeats and farewells, for ever; nothing here waits for anything."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._close_lost(time.monotonic())
            self._send_heartbeats(time.monotonic())

    async def poll(self):
        """Ask the database for ever, about once a second, what nobody told."""
        while True:
            await self._wait_tick()
            await self._poll_rooms()
            if self._is_due("sessions", SESSION_SECONDS):
                await self._close_ended_sessions()
            if self._is_due("groups", REGROUP_SECONDS):
                self.hub.neighbours.meet_again()

    async def keep_house(self):
        """Soon after the start, then hourly; in a thread of its own: it takes long."""
        await asyncio.sleep(HOUSEKEEPING_SOON_SECONDS)
        while True:
            await asyncio.to_thread(self.hub.keep_house)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def work(self):
        """Have done for ever what waits in the database, however long it takes."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.hub.work()

    def check_sessions_now(self):
        """Some session ended: find out whose, without waiting for the tick."""
        self._done_at.pop("sessions", None)
        self._must_poll.set()

    async def _wait_tick(self):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await self._must_poll.wait()
        self._must_poll.clear()

    def _is_due(self, name, seconds):
        now = time.monotonic()
        if now - self._done_at.get(name, 0.0) < seconds:
            return False
        self._done_at[name] = now
        return True

    def _close_lost(self, now):
        for socket in list(self.hub.sockets):
            if socket.is_stuck(now):
                socket.close(TOO_SLOW)
            elif now - socket.heard_at > SILENCE_SECONDS:
                socket.close(GONE_SILENT)
                self.hub.leave(socket.room_id, socket)

    def _send_heartbeats(self, now):
        """Each room has its own second, so that news never waits behind all of them."""
        for room in self.hub.rooms.values():
            if now - room.beat_at > HEARTBEAT_SECONDS:
                room.beat_at = now
                room.send(frame("heartbeat", head=room.told))
                self.hub.tell_presence(room)

    async def _poll_rooms(self):
        """Notice lost news, other writers, restored backups and ended rooms."""
        known = {room.id: (room, room.last) for room in self.hub.rooms.values()}
        if not known:
            return
        heads = await self.hub.ask(self.hub.heads, list(known))
        for room_id, (room, last) in known.items():
            head = heads.get(room_id)
            if head is None:
                self.hub.close_sockets(room_id)
            elif head.epoch != room.epoch or head.change < last:
                self.hub.send_back(room, head)
            elif head.change > room.last:
                self.hub.fill(room)

    async def _close_ended_sessions(self):
        sockets = [socket for socket in self.hub.sockets if socket.session]
        sessions = {socket.session for socket in sockets}
        ended = await self.hub.ask(self.hub.ended_sessions, sessions)
        for socket in sockets:
            if socket.session in ended:
                socket.close(SESSION_ENDED)
