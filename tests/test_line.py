"""The line between two processes, with both ends in this one."""

import asyncio
import os
import socket

import pytest

from chatsite.daphne.moving import path_in
from chatsite.line import SAID_BYTES, Line, pair

SECONDS = 5


class End:
    """One end of a line, and what has come to it."""

    def __init__(self, end):
        self.adopted, self.heard = [], []
        self.news, self.ended = asyncio.Event(), asyncio.Event()
        self.socket = end
        self.line = Line(end, adopt=self.adopt, hear=self.hear, ended=self.ended.set)

    def adopt(self, descriptor):
        self.adopted.append(socket.socket(fileno=descriptor))
        self.news.set()

    def hear(self, *said):
        self.heard.append(said)
        self.news.set()

    async def next(self):
        async with asyncio.timeout(SECONDS):
            await self.news.wait()
        self.news.clear()

    def close(self):
        if self.socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.socket)
        self.line.close()
        for connection in self.adopted:
            connection.close()


@pytest.fixture
async def ends():
    made = [End(end) for end in pair()]
    yield made
    for end in made:
        end.close()


async def test_a_connection_arrives_with_what_it_has_not_read(ends):
    here, there = ends
    ours, theirs = socket.socketpair()
    with ours:
        ours.sendall(b"GET /")
        with theirs:
            assert here.line.take(theirs)
        await there.next()
        (connection,) = there.adopted

        assert connection.recv(10) == b"GET /"
        assert not os.get_inheritable(connection.fileno())
        connection.close()
        assert ours.recv(10) == b""  # nobody else has it


async def test_what_is_said_in_a_thread_is_heard(ends):
    here, there = ends

    await asyncio.to_thread(here.line.say, "take_progress", (7, {"a": 1}))
    await there.next()

    assert there.heard == [("take_progress", (7, {"a": 1}))]


async def test_what_is_too_long_is_lost_and_the_rest_is_not(ends):
    here, there = ends

    here.line.say("x" * SAID_BYTES)
    here.line.say("x" * (SAID_BYTES - 100))
    await there.next()

    assert [len(text) for (text,) in there.heard] == [SAID_BYTES - 100]


async def test_who_does_not_take_connections_is_given_no_more(ends):
    here, there = ends
    asyncio.get_running_loop().remove_reader(there.socket)
    with socket.socket() as connection:
        taken = [here.line.take(connection) for _time in range(2000)]

    assert taken[0]
    assert not taken[-1]


async def test_hanging_up_ends_one_direction(ends):
    here, there = ends
    here.line.hang_up()
    async with asyncio.timeout(SECONDS):
        await there.ended.wait()

    there.line.say("a last word")
    await here.next()
    assert here.heard == [("a last word",)]
    with socket.socket() as connection:
        assert not here.line.take(connection)
    here.line.say("nobody hears this")


async def test_what_was_said_before_a_death_is_heard(ends):
    here, there = ends
    asyncio.get_running_loop().remove_reader(there.socket)
    here.line.say("unread")
    there.line.say("a last word")
    there.line.close()  # with something unread, the kernel says "reset" first

    async with asyncio.timeout(SECONDS):
        await here.ended.wait()
    assert here.heard == [("a last word",)]


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (
            b"PATCH /rooms/x/uploads/y/?a=b HTTP/1.1\r\nHost: a\r\n",
            "/rooms/x/uploads/y/",
        ),
        (b"GET /a%20b HTTP/1.1\r\n", "/a b"),
        (b"GET /a HTTP/1.1", None),
        (b"GET /a\r\n", None),
        (b"\r\nGET /a HTTP/1.1\r\n", None),
        (b"\x16\x03\x01\r\n", None),
        (b"", None),
    ],
)
def test_the_path_is_read_of_a_whole_first_line(head, path):
    assert path_in(head) == path
