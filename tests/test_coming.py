"""Bodies that are taken while they come, without a network."""

import asyncio

import pytest

from chatsite.daphne.bodies import HELD_BYTES, Coming, body_event
from tests.test_inbox import Transport

END = body_event(b"", more_body=False)
LEFT = {"type": "http.disconnect"}


def part(data):
    return body_event(data, more_body=True)


@pytest.fixture
async def coming():
    return Coming(Transport())


async def test_what_has_come_is_one_part_however_small_its_parts_were(coming):
    for letter in b"abc":
        coming.add(bytes([letter]))

    assert await coming.receive() == part(b"abc")


async def test_who_waits_is_given_what_comes_and_then_the_end(coming):
    waiting = asyncio.create_task(coming.receive())
    await asyncio.sleep(0)
    coming.add(b"abc")
    assert await waiting == part(b"abc")

    coming.add(b"de")
    coming.end(END)

    assert [await coming.receive(), await coming.receive()] == [part(b"de"), END]


async def test_after_the_end_it_is_waited_for_that_the_sender_leaves(coming):
    coming.end(END)
    assert await coming.receive() == END
    waiting = asyncio.create_task(coming.receive())
    await asyncio.sleep(0.01)
    assert not waiting.done()

    coming.end(LEFT)

    assert await waiting == LEFT


async def test_what_came_before_the_sender_left_is_given(coming):
    coming.add(b"abc")
    coming.end(LEFT)

    assert [await coming.receive(), await coming.receive()] == [part(b"abc"), LEFT]


async def test_a_wait_that_was_given_up_loses_nothing(coming):
    waiting = asyncio.create_task(coming.receive())
    await asyncio.sleep(0)
    coming.add(b"abc")
    waiting.cancel()
    await asyncio.wait([waiting])

    assert await coming.receive() == part(b"abc")


@pytest.mark.parametrize("read", [Coming.receive, None], ids=["taken", "forgotten"])
async def test_the_sender_is_held_back_while_much_waits(coming, read):
    transport = coming._transport
    coming.add(b"x" * (HELD_BYTES - 1))
    assert transport.is_read
    coming.add(b"x")
    assert not transport.is_read

    if read:
        await read(coming)
    else:
        coming.discard()

    assert transport.is_read
    coming.add(b"abc")
    assert await coming.receive() == part(b"abc")
