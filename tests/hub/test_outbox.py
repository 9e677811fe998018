"""Sockets on a server that takes prebuilt frames: at once, or joined when they wait."""

import pytest

from rooms.live.frames import Batch, Frame
from rooms.live.socket import OUTBOX_BYTES, OUTBOX_SECONDS, Socket
from tests.hub.conftest import BOB, Wire, event, payload_of, settle


@pytest.fixture
async def taken():
    return []


@pytest.fixture
async def wire(taken):
    return Wire(taken.append)


@pytest.fixture
async def closed():
    return []


@pytest.fixture
async def bob(wire, closed):
    async def hang_up(code):
        closed.append(code)

    socket = Socket(
        None,
        hang_up,
        member_id=BOB,
        person=("id-bob", "Bob"),
        language="en",
        prebuilt=wire,
    )
    yield socket
    socket.forget()


def deliver(socket, change):
    batch = Batch(change, change, [event(change)])
    socket.deliver(batch, batch.to_frame("en"))


@pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536, 70_000])
def test_the_wire_is_a_text_frame(size):
    wire = Frame("x" * size).wire
    header = {1: 2, 125: 2, 126: 4, 65535: 4, 65536: 10, 70_000: 10}[size]

    length = wire[1] if header == 2 else int.from_bytes(wire[2:header], "big")

    assert (wire[0], length, wire[header:]) == (0x81, size, b"x" * size)


async def test_a_ready_reader_gets_each_frame_at_once(bob, wire, taken):
    deliver(bob, 1)
    deliver(bob, 2)

    assert len(taken) == 2


async def test_changes_that_wait_become_one_frame_in_order(bob, wire, taken):
    wire.reader.clear()
    for change in (1, 2, 3):
        deliver(bob, change)

    wire.reader.set()
    await settle()

    (wire,) = taken
    frame = payload_of(wire)
    assert (frame["first"], frame["last"]) == (1, 3)
    assert [e["change"] for e in frame["events"]] == [1, 2, 3]


async def test_other_frames_keep_their_place_between_changes(bob, wire, taken):
    wire.reader.clear()
    deliver(bob, 1)
    bob.send('{"type":"heartbeat"}')
    deliver(bob, 2)

    wire.reader.set()
    await settle()

    kinds = [payload_of(w)["type"] for w in taken]
    assert kinds == ["changes", "heartbeat", "changes"]


async def test_a_reader_far_behind_is_closed_and_costs_nothing(
    bob, wire, taken, closed
):
    wire.reader.clear()

    for _ in range(OUTBOX_BYTES // 1000 + 2):
        bob.send("x" * 1000)
    await settle()

    assert (closed, taken, bob._bytes) == ([4408], [], 0)


async def test_what_waits_too_long_is_stuck(bob, wire, taken):
    wire.reader.clear()
    deliver(bob, 1)
    since = bob._waiting[0][2]

    assert not bob.is_stuck(since + OUTBOX_SECONDS - 1)
    assert bob.is_stuck(since + OUTBOX_SECONDS + 1)


async def test_nothing_that_waits_is_sent_after_a_close(bob, wire, taken, closed):
    wire.reader.clear()
    bob.send("secret")

    bob.close(4403)
    wire.reader.set()
    await settle()

    assert (taken, closed) == ([], [4403])
