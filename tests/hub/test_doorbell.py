import asyncio

import pytest

from rooms.live.doorbell import Doorbell
from rooms.live.room import LiveRoom
from tests.hub.conftest import LOUNGE, settle


class Layer:
    """A channel layer whose calls end when they are let."""

    def __init__(self):
        self.sent = []
        self.may_end = asyncio.get_running_loop().create_future()

    async def group_send(self, group, message):
        self.sent.append((group, message["type"]))
        await self.may_end


@pytest.fixture
async def layer():
    return Layer()


@pytest.fixture
async def doorbell(layer):
    made = Doorbell("here", is_alone=False)
    made._layer = layer
    return made


async def test_it_rings_in_the_room_of_alice_and_bob(doorbell, layer):
    layer.may_end.set_result(None)

    await doorbell.send(LiveRoom.unopened(LOUNGE, 0), "hub.who")

    assert (layer.sent, doorbell.is_degraded) == ([("room.1", "hub.who")], False)


async def test_alone_it_is_quiet(layer):
    doorbell = Doorbell("here", is_alone=True)
    doorbell._layer = layer

    await doorbell.send(LiveRoom.unopened(LOUNGE, 0), "hub.who")

    assert layer.sent == []


async def test_a_failure_is_remembered_until_it_works(doorbell, layer):
    recoveries = []
    doorbell.on_recovery = lambda: recoveries.append(doorbell.is_degraded)
    layer.may_end.set_exception(ConnectionError())
    await doorbell.send(LiveRoom.unopened(LOUNGE, 0), "hub.who")
    assert doorbell.is_degraded is True

    layer.may_end = asyncio.get_running_loop().create_future()
    layer.may_end.set_result(None)
    for _ in range(2):
        await doorbell.send(LiveRoom.unopened(LOUNGE, 0), "hub.who")

    assert doorbell.is_degraded is False
    assert recoveries == [False]


async def test_who_is_stopped_while_a_call_ends_stops(doorbell, layer):
    sending = asyncio.create_task(
        doorbell.send(LiveRoom.unopened(LOUNGE, 0), "hub.who")
    )
    await settle()

    layer.may_end.set_result(None)
    await asyncio.sleep(0)
    is_asked = sending.cancel()  # False when it has ended already
    await asyncio.wait([sending], timeout=1)

    assert sending.cancelled() == is_asked
