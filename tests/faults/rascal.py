"""A member who does all of mischief.py, many times a second."""

import asyncio
import contextlib
import json

from tests.faults.mischief import WIRE, framed

KEY = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw=="
LOOK_SECONDS = 0.5  # how long an answer is waited for
MOST_HELD = 200  # connections kept open, doing nothing


class Rascal:
    def __init__(self, server, member, dice):
        self.server, self.member, self.dice = server, member, dice
        self.path = f"/rooms/{member.room}/socket/?language=en"
        self.deeds = [
            *((self.send, wire) for wire in WIRE.values()),
            (self.open_many, 12),
            (self.never_read, None),
            (self.hang_up, None),
            *((self.ask, request) for request in self.bad_requests()),
            *((self.hold, request[:-3]) for request in self.bad_requests()),
        ]
        self._held = []

    async def act(self, seconds, per_second=20):
        """Do every deed in any order, again and again, whatever comes of it."""
        acting = set()
        for number in range(int(seconds * per_second)):
            if number % len(self.deeds) == 0:
                self.dice.shuffle(self.deeds)
            do, what = self.deeds[number % len(self.deeds)]
            acting.add(asyncio.create_task(do(what) if what is not None else do()))
            await asyncio.sleep(1 / per_second)
        for error in await asyncio.gather(*acting, return_exceptions=True):
            if error and not isinstance(error, OSError):
                raise error
        for writer in self._held:
            writer.transport.abort()

    def request(self, path=None, more=(), version=13):
        lines = [
            f"GET {path or self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.server.port}",
            f"Origin: {self.server.url}",
            f"Cookie: sessionid={self.member.session_key}",
            "Upgrade: websocket", "Connection: Upgrade", KEY,
            f"Sec-WebSocket-Version: {version}", *more,
        ]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode()

    def bad_requests(self):
        return [
            self.request("/nowhere/"),
            self.request(f"/rooms/{'x' * 22}/socket/"),
            self.request(version=8),
            self.request(more=["Sec-WebSocket-Protocol: chess"]),
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ]

    async def ask(self, request):
        reader, writer = await self._connect()
        writer.write(request)
        await self._look(reader)
        writer.transport.abort()

    async def send(self, wire):
        reader, writer = await self._open()
        writer.write(wire)
        await self._look(reader)
        writer.transport.abort()

    async def open_many(self, count):
        opened = [await self._open() for _ in range(count)]
        await asyncio.sleep(LOOK_SECONDS)
        for _reader, writer in opened:
            writer.transport.abort()

    async def never_read(self):
        _reader, writer = await self._open()
        writer.transport.pause_reading()
        self._held.append(writer)

    async def hang_up(self):
        _reader, writer = await self._connect()
        writer.write(self.request())
        writer.transport.abort()

    async def hold(self, beginning):
        if len(self._held) < MOST_HELD:
            _reader, writer = await self._connect()
            writer.write(beginning)
            self._held.append(writer)

    async def _open(self):
        reader, writer = await self._connect()
        writer.write(self.request())
        async with asyncio.timeout(30):
            await reader.readuntil(b"\r\n\r\n")
        resume = {"type": "resume", "change": 0, "epoch": self.member.epoch}
        writer.write(framed(json.dumps(resume).encode()))
        return reader, writer

    async def _connect(self):
        return await asyncio.open_connection("127.0.0.1", self.server.port)

    async def _look(self, reader):
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(LOOK_SECONDS):
                while await reader.read(65536):
                    pass
