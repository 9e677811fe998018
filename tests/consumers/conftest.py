"""Browsers that open sockets on the whole ASGI application, without a server."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator

from chatsite.asgi import application
from rooms import wiring
from tests.conftest import client_of

SEEN_BY_ALL = {"presence", "heartbeat"}


class Tab(WebsocketCommunicator):
    """One open page: its socket, and JSON in and out."""

    async def say(self, type_, **fields):
        await self.send_to(text_data=json.dumps({"type": type_, **fields}))

    async def receive_output(self, timeout=5):  # noqa: ASYNC109 - Channels' name
        """Unlike the original, leave the application alive when nothing comes."""
        async with asyncio.timeout(timeout):
            return await self.output_queue.get()

    async def hear(self):
        """Return the next frame that is neither presence nor heartbeat."""
        while True:
            frame = json.loads(await self.receive_from(5))
            if frame["type"] not in SEEN_BY_ALL:
                return frame

    async def hear_close(self):
        """Return the close code, and fail when anything but presence comes first."""
        while (output := await self.receive_output(5))["type"] != "websocket.close":
            assert json.loads(output["text"])["type"] in SEEN_BY_ALL
        return output["code"]

    async def hears_nothing(self):
        try:
            async with asyncio.timeout(0.3):
                await self.hear()
        except TimeoutError:
            return True
        return False

    async def resume(self, change, epoch):
        await self.say("resume", change=change, epoch=epoch)
        return await self.hear()


def headers_of(cookie, origins=("http://testserver",), host="testserver"):
    headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
    return headers + [(b"origin", origin.encode("latin1")) for origin in origins]


def cookie_of(client):
    return "; ".join(
        f"{name}={morsel.value}" for name, morsel in client.cookies.items()
    )


@pytest.fixture
async def open_tab():
    """A function that opens a tab: (member, room=theirs, **headers) -> (tab, result).

    The result is True, or the close code of a socket that was not accepted.
    """
    tabs = []
    channel_layers.backends = {}

    async def open_one(
        member, *, room=None, language="en", path=None, client=None, **wanted
    ):
        if member and not client:
            client = await sync_to_async(client_of)(member)
        public_id = (room or member.room).public_id
        path = path or f"/rooms/{public_id}/socket/?language={language}"
        cookie = cookie_of(client) if client else "x=y"
        tab = Tab(application, path, headers=headers_of(cookie, **wanted))
        tabs.append(tab)
        accepted, code = await tab.connect(5)
        return tab, accepted or code

    yield open_one

    for tab in tabs:
        await tab.disconnect()
    await wiring.hub().stop()


@pytest.fixture
async def enter(open_tab):
    """A function that opens a tab and resumes it at the room's present change."""

    async def enter_one(member, **options):
        tab, _accepted = await open_tab(member, **options)
        room = member.room
        change = (await sync_to_async(wiring.heads)([room.pk]))[room.pk].change
        resumed = await tab.resume(change, room.epoch)
        assert resumed["type"] == "resumed"
        return tab

    return enter_one
