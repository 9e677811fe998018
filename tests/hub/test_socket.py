import asyncio

import pytest

from rooms.live.socket import OUTBOX_BYTES, Socket
from tests.hub.conftest import ALICE, BOB, settle


class Reader:
    """A connection that takes a frame only when it is let."""

    def __init__(self):
        self.frames, self.closed = [], []
        self.may_read = asyncio.Event()

    async def write(self, text):
        await self.may_read.wait()
        self.frames.append(text)

    async def hang_up(self, code):
        self.closed.append(code)


@pytest.fixture
async def reader():
    return Reader()


@pytest.fixture
async def socket(reader):
    made = Socket(
        reader.write,
        reader.hang_up,
        member_id=BOB,
        person=("id-bob", "Bob"),
        language="en",
    )
    yield made
    made.forget()


async def test_frames_keep_their_order(socket, reader):
    reader.may_read.set()

    for number in range(50):
        socket.send(f"{number}")
    await settle()

    assert reader.frames == [f"{number}" for number in range(50)]


async def test_a_slow_reader_is_sent_away(socket, reader):
    piece = "x" * 10_000

    for _ in range(OUTBOX_BYTES // len(piece) + 3):
        socket.send(piece)
    reader.may_read.set()
    await settle()

    assert (socket.is_open, reader.closed) == (False, [4408])
    assert len(reader.frames) <= 1


async def test_a_slow_reader_makes_nobody_wait(socket, reader):
    other = Reader()
    other.may_read.set()
    alices = Socket(
        other.write, other.hang_up, member_id=ALICE, person=("a", "A"), language="en"
    )

    for one in (socket, alices):
        one.send("Hello")
    await settle()

    assert (reader.frames, other.frames) == ([], ["Hello"])
    alices.forget()


async def test_closing_drops_what_waits(socket, reader):
    socket.send("first")
    await settle()
    socket.send("secret")

    socket.close(4403)
    reader.may_read.set()
    await settle()

    assert (reader.frames, reader.closed) == ([], [4403])


async def test_closing_after_frames_sends_them(socket, reader):
    socket.send("answer")

    socket.close(4400, after_frames=True)
    reader.may_read.set()
    await settle()

    assert (reader.frames, reader.closed) == (["answer"], [4400])


async def test_closed_is_closed(socket, reader):
    reader.may_read.set()
    socket.close(4403)

    socket.send("late")
    socket.close(4404)
    await settle()

    assert (reader.frames, reader.closed) == ([], [4403])


async def test_a_connection_that_breaks_hurts_nobody(reader):
    async def fail(text):
        raise OSError

    socket = Socket(
        fail, reader.hang_up, member_id=BOB, person=("b", "B"), language="en"
    )
    socket.send("Hello")
    await settle()
    socket.send("Again")
    await settle()

    assert reader.closed == []
    assert socket._task is None
