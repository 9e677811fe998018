"""A socket that comes back by itself: lib/socket.js."""

import asyncio
import json
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.faults.manners import FINAL_CODES, PROVEN, SILENCE, pause

ABNORMAL = 1006
CONNECTION = {
    "compression": None,
    "max_size": None,
    "open_timeout": None,
    "ping_interval": None,
    "close_timeout": 0.1,
    "proxy": None,
}


class Line:
    """Connects to one of the addresses, as a balancer would have it, for ever.

    `owner` is told `opened()`, `heard(frame)` and `lost(code)`.
    """

    def __init__(self, addresses, path, cookie, *, dice, owner):
        self.addresses, self.path, self.cookie = addresses, path, cookie
        self.dice, self.owner = dice, owner
        self.is_ended = False
        self.closes = []  # (moment, close code) of connections that were open
        self._attempts = 0
        self._outgoing = None
        self._connection = None

    def send(self, frame):
        if self._outgoing:
            self._outgoing.put_nowait(json.dumps(frame))

    def drop(self):
        """Lose the network for a moment, as on the way from one to another."""
        if self._outgoing:
            self._connection.transport.abort()

    async def live(self):
        while not self.is_ended:
            code = await self._connect_once()
            self.is_ended = code in FINAL_CODES
            if not self.is_ended:
                await asyncio.sleep(pause(self._attempts, self.dice))
                self._attempts += 1

    async def _connect_once(self):
        connection = await self._connect(self.dice.choice(self.addresses))
        if connection is None:
            return ABNORMAL
        self._connection, self._outgoing = connection, asyncio.Queue()
        writing = asyncio.create_task(self._write(connection, self._outgoing))
        code = ABNORMAL
        try:
            self.owner.opened()
            code = await self._read(connection)
        finally:
            self._outgoing = None
            writing.cancel()
            connection.transport.abort()
            self.closes.append((time.monotonic(), code))
            self.owner.lost(code)
        return code

    async def _connect(self, url):
        try:
            async with asyncio.timeout(SILENCE):
                return await connect(
                    url.replace("http", "ws", 1) + self.path,
                    origin=url,
                    additional_headers={"Cookie": self.cookie} if self.cookie else None,
                    **CONNECTION,
                )
        except (OSError, EOFError, WebSocketException):  # a timeout is an OSError
            return None

    async def _read(self, connection):
        opened_at = time.monotonic()
        try:
            while True:
                async with asyncio.timeout(SILENCE):
                    text = await connection.recv(decode=False)
                if time.monotonic() - opened_at >= PROVEN:
                    self._attempts = 0
                self.owner.heard(json.loads(text))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else ABNORMAL
        except TimeoutError:
            return ABNORMAL

    async def _write(self, connection, outgoing):
        try:
            while True:
                await connection.send(await outgoing.get())
        except ConnectionClosed:
            pass  # the reader notices
