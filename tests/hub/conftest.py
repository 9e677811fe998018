"""A hub on a small make-believe database, and people who write down what they hear."""

import asyncio
import json

import pytest
from channels.layers import channel_layers

from rooms import live
from rooms.live import clock
from rooms.live import hub as hub_module
from rooms.live.frames import Batch, Event, Head, Missed

LOUNGE, BACKROOM = 1, 2
ALICE, BOB, CHARLIE = 11, 12, 13
PAGE = 50
EPOCH = "epoch"


def event(change, text="said", **closes):
    texts = {
        code: json.dumps({"change": change, "text": text}) for code in ("en", "id")
    }
    return Event(change, texts, {int(k[1:]): v for k, v in closes.items()})


class Database:
    """What a hub asks: rooms with events, in memory."""

    def __init__(self):
        self.rooms = {LOUNGE: [], BACKROOM: []}
        self.epoch = EPOCH
        self.former = set()
        self.ended = set()
        self.asked = []

    def say(self, room_id, text="said", **closes):
        """Commit one change and return its batch, which nobody has announced yet."""
        change = len(self.rooms[room_id]) + 1
        self.rooms[room_id].append(event(change, text, **closes))
        return Batch(change, change, self.rooms[room_id][-1:])

    def heads(self, room_ids):
        rooms = self.rooms
        return {i: Head(len(rooms[i]), self.epoch) for i in room_ids if i in rooms}

    def ended_sessions(self, sessions):
        return self.ended & sessions

    def changes_since(self, room_id, change, member_id=None):
        self.asked.append((room_id, change, member_id))
        if room_id not in self.rooms or member_id in self.former:
            return None
        events = self.rooms[room_id][change:]
        head = max(change, len(self.rooms[room_id]))
        return Missed(head, self.epoch, events if len(events) <= PAGE else None)


class Wire:
    """A connection that takes prebuilt frames while its reader is ready."""

    def __init__(self, take):
        self.take = take  # is given the bytes
        self.reader = asyncio.Event()
        self.reader.set()

    def is_ready(self):
        return self.reader.is_set()

    def write(self, wire):
        if self.is_ready():
            self.take(wire)
        return self.is_ready()

    @staticmethod
    def write_to_all(ready, wire):
        for connection in ready:
            assert connection.write(wire)

    async def drained(self):
        await self.reader.wait()


class BrokenWire(Wire):
    """One whose connection is no more."""

    def __init__(self):
        super().__init__(None)
        self.tries = 0

    def is_ready(self):
        return False

    def write(self, wire):
        self.tries += 1
        raise OSError

    async def drained(self):
        self.tries += 1
        raise OSError


def payload_of(wire):
    """Return what a browser reads in an unmasked WebSocket frame."""
    size = {126: 2, 127: 8}.get(wire[1], 0)
    return json.loads(wire[2 + size :])


class Person:
    """A browser: its socket writes into `frames`."""

    def __init__(self, member_id, name, language="en"):
        self.frames, self.closed = [], None
        self.socket = live.Socket(
            self.write,
            self.hang_up,
            member_id=member_id,
            person=(f"id-{member_id}", name),
            language=language,
        )

    async def write(self, text):
        self.frames.append(json.loads(text))

    async def hang_up(self, code):
        self.closed = code

    def on_wire(self):
        """Be on a server that takes prebuilt frames."""
        take = lambda wire: self.frames.append(payload_of(wire))  # noqa: E731
        self.socket.prebuilt = Wire(take)
        return self

    def heard(self, *types):
        return [frame for frame in self.frames if frame["type"] in types]

    @property
    def changes(self):
        return [e["change"] for f in self.heard("changes") for e in f["events"]]


@pytest.fixture
def database():
    return Database()


@pytest.fixture
async def make_hub(database):
    """A function that starts one more hub, as if in one more process."""
    hubs, channel_layers.backends = [], {}

    def make():
        hub_module.running.clear()
        hubs.append(
            live.Hub.get(
                heads=database.heads,
                changes_since=database.changes_since,
                ended_sessions=database.ended_sessions,
            )
        )
        return hubs[-1]

    yield make

    for hub in hubs:
        await hub.stop()


@pytest.fixture
def only_told(monkeypatch):
    """Hubs made from now on look after nothing of their own accord."""
    monkeypatch.setattr(clock, "TICK_SECONDS", 60)


@pytest.fixture
async def hub(make_hub):
    return make_hub()


@pytest.fixture
async def alice():
    return Person(ALICE, "Alice")


@pytest.fixture
async def bob():
    return Person(BOB, "Bob")


@pytest.fixture
async def charlie():
    return Person(CHARLIE, "Charlie")


async def until(condition, seconds=5):
    """Wait until the condition holds; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def settle():
    """Let everything happen that is already on its way."""
    for _ in range(20):
        await asyncio.sleep(0.001)
