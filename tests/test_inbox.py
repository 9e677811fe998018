import asyncio

from chatsite.daphne.sockets import FEW_WAITING, MOST_WAITING, Inbox


class Transport:
    def __init__(self):
        self.is_read = True

    def pauseProducing(self):  # noqa: N802 - Twisted's names
        self.is_read = False

    def resumeProducing(self):  # noqa: N802
        self.is_read = True


def frames(count):
    return [{"type": "websocket.receive", "text": str(n)} for n in range(count)]


async def test_events_come_in_their_order():
    inbox = Inbox(Transport())
    for event in frames(3):
        inbox.put_nowait(event)

    assert [await inbox.get() for _ in range(3)] == frames(3)


async def test_who_waits_is_given_what_comes():
    inbox = Inbox(Transport())
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)

    first, second = frames(2)
    inbox.put_nowait(first)
    inbox.put_nowait(second)

    assert await waiting == first
    assert await inbox.get() == second


async def test_a_wait_that_was_given_up_loses_nothing():
    inbox = Inbox(Transport())
    for _ in range(2):
        waiting = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        waiting.cancel()
    (event,) = frames(1)
    inbox.put_nowait(event)

    assert await inbox.get() == event


async def test_a_wait_given_up_as_something_comes_loses_nothing():
    inbox = Inbox(Transport())
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    (event,) = frames(1)
    inbox.put_nowait(event)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert await inbox.get() == event


async def test_a_socket_is_not_read_while_many_frames_wait():
    transport = Transport()
    inbox = Inbox(transport)
    for event in frames(MOST_WAITING - 1):
        inbox.put_nowait(event)
    assert transport.is_read

    inbox.put_nowait(frames(1)[0])
    assert not transport.is_read

    for _ in range(MOST_WAITING - FEW_WAITING - 1):
        await inbox.get()
    assert not transport.is_read

    await inbox.get()
    assert transport.is_read
