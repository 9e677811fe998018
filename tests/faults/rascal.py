"""Members who do all of mischief.py, many times a second, and note how it is taken."""

import asyncio
import json
import struct
from collections import Counter
from itertools import cycle

from rooms.limits import SOCKETS_PER_MEMBER
from tests.faults.mischief import CUT, NOTHING, WIRE, framed

KEY = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw=="
LOOK_SECONDS = 0.5  # how long nothing is waited for
PATIENCE_SECONDS = 60  # how long an answer is waited for, on a busy machine
MOST_HELD = 200  # connections kept open, doing nothing
SEATS = SOCKETS_PER_MEMBER // 2  # of each member: all that is sent is to arrive
MANY = SOCKETS_PER_MEMBER + 2
TOO_MANY_SOCKETS = 4409


class Rascal:
    """The first of the members opens too many sockets, the others send."""

    def __init__(self, server, members, dice):
        self.server, self.dice = server, dice
        self.crowder, *senders = members
        self.senders = dict(zip(WIRE, cycle(senders), strict=False))
        self.seats = {member: asyncio.Semaphore(SEATS) for member in senders}
        self.deeds = [
            *((self.send, name) for name in WIRE),
            (self.open_many, MANY),
            (self.never_read, None),
            (self.hang_up, None),
            *((self.ask, name) for name in self.bad_requests()),
            *((self.hold, name) for name in self.bad_requests()),
        ]
        self.done = Counter()  # (deed's name, what it is about)
        self.surprises = []  # (deed, answer wanted, what came instead)
        self._held = []

    async def act(self, seconds, per_second=20):
        """Do every deed in any order, again and again, whatever comes of it."""
        acting = set()
        for number in range(int(seconds * per_second)):
            if number % len(self.deeds) == 0:
                self.dice.shuffle(self.deeds)
            do, what = self.deeds[number % len(self.deeds)]
            acting.add(asyncio.create_task(self._do(do, what)))
            await asyncio.sleep(1 / per_second)
        for error in await asyncio.gather(*acting, return_exceptions=True):
            if error:
                raise error
        for writer in self._held:
            writer.transport.abort()

    async def _do(self, do, what):
        await (do() if what is None else do(what))
        self.done[do.__name__, what] += 1

    def request(self, member, path=None, more=(), version=13):
        lines = [
            f"GET {path or path_of(member)} HTTP/1.1",
            f"Host: 127.0.0.1:{self.server.port}",
            f"Origin: {self.server.url}",
            f"Cookie: sessionid={member.session_key}",
            "Upgrade: websocket", "Connection: Upgrade", KEY,
            f"Sec-WebSocket-Version: {version}", *more,
        ]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode()

    def bad_requests(self):
        """{name: a request, and the status it gets}"""
        member = self.crowder
        plain = f"GET {path_of(member)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        return {
            "nowhere": (self.request(member, "/nowhere/"), 403),
            "no room": (self.request(member, f"/rooms/{'x' * 22}/socket/"), 101),
            "old version": (self.request(member, version=8), 101),
            "chess": (
                self.request(member, more=["Sec-WebSocket-Protocol: chess"]),
                101,
            ),
            "no socket": (plain.encode(), 404),
            "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        }

    async def ask(self, name):
        request, wanted = self.bad_requests()[name]
        reader, writer = await self._connect()
        writer.write(request)
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await reader.readline()
        self._note(name, wanted, int(line.split()[1]) if line else CUT)
        writer.transport.abort()

    async def send(self, name):
        wire, wanted = WIRE[name]
        member = self.senders[name]
        async with self.seats[member]:
            reader, writer = await self._open(member)
            writer.write(wire)
            self._note(name, wanted, await answer(reader, wanted))
            writer.transport.abort()

    async def open_many(self, count):
        opened = [await self._open(self.crowder) for _ in range(count)]
        answers = [answer(reader, NOTHING) for reader, _writer in opened]
        codes = Counter(await asyncio.gather(*answers))
        if codes[TOO_MANY_SOCKETS] < count - SOCKETS_PER_MEMBER:
            self.surprises.append((f"open {count}", TOO_MANY_SOCKETS, codes))
        for _reader, writer in opened:
            writer.transport.abort()

    async def never_read(self):
        _reader, writer = await self._open(self.crowder)
        writer.transport.pause_reading()
        self._held.append(writer)

    async def hang_up(self):
        _reader, writer = await self._connect()
        writer.write(self.request(self.crowder))
        writer.transport.abort()

    async def hold(self, name):
        request, _status = self.bad_requests()[name]
        if len(self._held) < MOST_HELD:
            _reader, writer = await self._connect()
            writer.write(request[:-3])
            self._held.append(writer)

    def _note(self, deed, wanted, came):
        if came != wanted:
            self.surprises.append((deed, wanted, came))

    async def _open(self, member):
        reader, writer = await self._connect()
        writer.write(self.request(member))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reader.readuntil(b"\r\n\r\n")
        resume = {"type": "resume", "change": 0, "epoch": member.epoch}
        writer.write(framed(json.dumps(resume).encode()))
        return reader, writer

    async def _connect(self):
        return await asyncio.open_connection("127.0.0.1", self.server.port)


def path_of(member):
    return f"/rooms/{member.room}/socket/?language=en"


async def answer(reader, wanted):
    """Return the first refusal or close code that comes, CUT, or NOTHING."""
    seconds = LOOK_SECONDS if wanted is NOTHING else PATIENCE_SECONDS
    try:
        async with asyncio.timeout(seconds):
            while True:
                opcode, payload = await read_frame(reader)
                if opcode == 8:
                    return struct.unpack("!H", payload[:2])[0]
                if opcode == 1 and b'"refused"' in payload:
                    return json.loads(payload)["code"]
    except TimeoutError:
        return NOTHING
    except (EOFError, OSError):
        return CUT


async def read_frame(reader):
    """Return opcode and payload of a server's frame (RFC 6455, 5.2)."""
    first, size = await reader.readexactly(2)
    if size == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", await reader.readexactly(8))
    return first & 15, await reader.readexactly(size)
