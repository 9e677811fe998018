"""The chat under test: its server processes, its database, and what is stored there."""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import uuid
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.live import processes

ROWS = """
SELECT room.public_id, message.client_id FROM rooms_message AS message
JOIN rooms_room AS room ON room.id = message.room_id
WHERE message.notice = '' ORDER BY message.room_id, message.position
"""


class Member(NamedTuple):
    room: str  # public id
    epoch: str
    session_key: str
    name: str


class Site:
    def __init__(self, make_server, *, redis=None, cluster=None, count=1):
        self.redis, self.cluster = redis, cluster
        self.servers = [make_server() for _ in range(count)]
        self.is_up = dict.fromkeys(self.servers, True)
        self._restarts = set()

    @property
    def urls(self):
        return [server.url for server in self.servers]

    @property
    def folder(self):
        return Path(self.servers[0].environment["DATA_DIR"])

    @property
    def logs(self):
        return "".join(server.log.read_text() for server in self.servers)

    # Faults

    async def kill_one(self, dice):
        """kill -9 a server that runs, if one does; it is started again at once."""
        await self._restart_one(dice, processes.Server.kill)

    async def restart_one(self, dice):
        """The orderly stop of a rolling restart."""
        await self._restart_one(dice, processes.Server.stop)

    async def _restart_one(self, dice, end):
        running = [server for server in self.servers if self.is_up[server]]
        if running:
            server = dice.choice(running)
            self.is_up[server] = False
            restart = asyncio.create_task(self._restart(server, end))
            self._restarts.add(restart)

    async def _restart(self, server, end):
        await asyncio.to_thread(end, server)
        await asyncio.to_thread(server.start)
        self.is_up[server] = True

    async def all_up(self):
        """Wait until every server that was ended is back."""
        await asyncio.gather(*self._restarts)
        self._restarts.clear()

    # Facts

    def make_members(self, rooms, members):
        """Make rooms full of members in the database; return the members."""
        wanted = self.folder / f"{uuid.uuid4()}.json"
        wanted.write_text(json.dumps({"all": [rooms, members]}))
        made = subprocess.run(
            [sys.executable, "-m", "bench.members", wanted],
            cwd=processes.PROJECT,
            env=self.servers[0].environment,
            stdout=subprocess.PIPE,
            check=True,
            timeout=120,
        )
        return [
            Member(*facts, f"Member {index % members}")
            for index, (_place, *facts) in enumerate(json.loads(made.stdout)["all"])
        ]

    def connect(self):
        """Open the database without Django, as an independent witness."""
        if self.cluster:
            return psycopg.connect(self.cluster.url)
        return sqlite3.connect(self.folder / "chatsite.sqlite3", timeout=30)

    def ask(self, query):
        with contextlib.closing(self.connect()) as connection:
            return connection.execute(query).fetchall()

    def stored(self):
        """Return {room's public id: [client ids in order of position]}."""
        rooms = defaultdict(list)
        for room, client_id in self.ask(ROWS):
            rooms[room].append(str(uuid.UUID(str(client_id))))
        return rooms
