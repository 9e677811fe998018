"""Bodies that wait in the kernel, on real sockets."""

import asyncio
import gc
import socket
import struct

import pytest
from twisted.web.http import _IdentityTransferDecoder

from chatsite.daphne import unread as module
from chatsite.daphne.unread import Unread
from chatsite.one_thread import throw_away

SOON = 0.1  # seconds
LEFT = {"type": "http.disconnect"}


class Transport:
    """Twisted's, as far as it is used; what it would read itself is `received`."""

    def __init__(self, line):
        self.socket = line
        self.received = b""
        self.is_read = False
        self.startReading()

    def startReading(self):  # noqa: N802 - Twisted's names
        asyncio.get_running_loop().add_reader(self.socket, lambda: self.doRead())
        self.is_read = True

    def stopReading(self):  # noqa: N802
        asyncio.get_running_loop().remove_reader(self.socket)
        self.is_read = False

    resumeProducing = startReading  # noqa: N815

    def doRead(self):  # noqa: N802
        self.received += self.socket.recv(65536)


class Channel:
    def __init__(self, transport, length):
        self.transport = transport
        self.timeOut = 60
        self.ends = 0
        self._transferDecoder = _IdentityTransferDecoder(length, id, self._end)

    def _end(self, rest):
        assert rest == b""
        self.ends += 1
        self._transferDecoder = None

    def rawDataReceived(self, data):  # noqa: N802
        self._transferDecoder.dataReceived(data)

    def setTimeout(self, seconds):  # noqa: N802
        self.timeOut = seconds


class Lines:
    """A sender, and the body of a known length that it sends."""

    def __init__(self, length):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.sender = socket.create_connection(listener.getsockname())
            self.socket = listener.accept()[0]
        self.socket.setblocking(False)
        self.channel = Channel(Transport(self.socket), length)
        self.unread = Unread(self.channel, self.left)

    async def left(self):
        return LEFT

    @property
    def transport(self):
        return self.channel.transport

    def close(self):
        self.unread.close()
        self.sender.close()
        self.transport.stopReading()
        self.socket.close()


@pytest.fixture
async def lines(monkeypatch):
    monkeypatch.setattr(module, "GATHER_SECONDS", SOON)
    made = []

    def make(length):
        made.append(Lines(length))
        return made[-1]

    yield make
    for each in made:
        each.close()


async def test_what_is_there_is_taken_up_to_so_much(lines):
    line = lines(10)
    line.sender.sendall(b"0123456789")

    first = await line.unread.come(4)
    assert (first.size, first.read(3), first.read(3)) == (4, b"012", b"3")
    second = await line.unread.come(100)
    assert (second.size, second.read()) == (6, b"456789")
    assert first.read() == second.read() == b""


async def test_many_bytes_come_as_few_pieces(lines):
    data = bytes(range(256)) * 16384  # 4 MiB
    line = lines(len(data))
    sending = asyncio.create_task(asyncio.to_thread(line.sender.sendall, data))

    pieces = []
    while piece := await line.unread.come(len(data)):
        pieces.append(b"".join(iter(lambda p=piece: p.read(100_000), b"")))
    await sending

    assert b"".join(pieces) == data
    assert len(pieces) < 8  # the first ones find little room in the kernel


async def test_what_came_with_the_head_is_first(lines):
    line = lines(10)
    line.channel._transferDecoder.contentLength -= 4  # as Twisted has read them
    line.unread.add(b"01")
    line.unread.add(b"23")
    line.sender.sendall(b"456789")

    piece = await line.unread.come(10)

    assert (piece.size, piece.read()) == (10, b"0123456789")


async def test_a_slow_sender_is_given_a_moment(lines):
    line = lines(10)
    waiting = asyncio.create_task(line.unread.come(10))
    await asyncio.sleep(3 * SOON)
    assert not waiting.done()  # nothing at all has come

    line.sender.sendall(b"012")
    await asyncio.sleep(SOON / 2)
    assert not waiting.done()
    line.sender.sendall(b"345")

    assert (await waiting).read() == b"012345"


async def test_the_end_is_told_once_and_the_next_request_is_left_alone(lines):
    line = lines(4)
    line.sender.sendall(b"0123GET / HTTP/1.1")
    (await line.unread.come(100)).read()

    assert await line.unread.come(100) is None
    assert await line.unread.come(100) is None
    line.unread.release()
    await asyncio.sleep(SOON / 2)

    assert line.channel.ends == 1
    assert line.transport.received == b"GET / HTTP/1.1"


async def test_who_sees_only_the_end_of_one_that_is_cut(lines):
    line = lines(10)
    line.sender.sendall(b"012")
    assert not line.unread.is_cut
    line.sender.close()

    piece = await line.unread.come(10)

    assert line.unread.is_cut
    assert piece.read() == b"012"
    assert await line.unread.come(10) is None
    assert line.channel.ends == 0
    assert await line.unread.receive() == LEFT


async def test_a_whole_body_is_not_cut_when_its_sender_leaves(lines):
    line = lines(3)
    line.sender.sendall(b"012")
    line.sender.close()

    piece = await line.unread.come(10)

    assert not line.unread.is_cut
    assert piece.read() == b"012"


async def test_a_reset_is_the_end_of_a_piece(lines):
    line = lines(10)
    line.sender.sendall(b"012")
    piece = await line.unread.come(10)
    line.sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.sender.close()
    await asyncio.sleep(SOON)

    assert b"012".startswith(piece.read())
    assert await line.unread.come(10) is None


async def test_who_waits_learns_that_the_connection_is_closed(lines):
    line = lines(10)
    waiting = asyncio.create_task(line.unread.come(10))
    await asyncio.sleep(SOON)

    line.unread.close()

    assert await waiting is None
    assert not line.transport.is_read


async def test_nothing_is_read_of_a_closed_one(lines):
    line = lines(10)
    line.sender.sendall(b"0123456789")
    piece = await line.unread.come(10)

    line.unread.close()

    assert piece.read() == b""
    assert await line.unread.come(10) is None
    assert not line.unread.is_cut


async def test_a_wait_that_was_given_up_loses_nothing(lines):
    line = lines(4)
    waiting = asyncio.create_task(line.unread.come(4))
    await asyncio.sleep(0)
    line.sender.sendall(b"0123")
    waiting.cancel()
    await asyncio.wait([waiting])

    assert (await line.unread.come(4)).read() == b"0123"


async def test_a_piece_that_nobody_wants_is_thrown_away(lines):
    line = lines(20_004)
    line.sender.sendall(bytes(20_000) + b"0123")
    piece = await line.unread.come(20_000)

    throw_away(piece)

    assert (await line.unread.come(10)).read() == b"0123"


async def test_a_piece_that_nobody_looks_at_stays(lines):
    line = lines(4)
    line.sender.sendall(b"0123")

    await line.unread.come(4)
    gc.collect()

    assert (await line.unread.come(4)).read() == b"0123"


async def test_a_piece_has_lines_as_forms_have(lines):
    line = lines(10)
    line.sender.sendall(b"01\r\n23\r\n89")

    piece = await line.unread.come(8)

    assert [piece.readline(), piece.read(100)] == [b"01\r\n", b"23\r\n"]
    assert (await line.unread.come(8)).read() == b"89"


async def test_others_may_resume_the_connection_meanwhile(lines):
    line = lines(4)
    line.sender.sendall(b"0123")
    piece = await line.unread.come(4)

    line.transport.resumeProducing()
    await asyncio.sleep(SOON / 2)

    assert line.transport.received == b""
    assert piece.read() == b"0123"


async def test_only_senders_are_timed_out(lines):
    line = lines(8)
    line.sender.sendall(b"0123")
    (await line.unread.come(4)).read()
    assert line.channel.timeOut is None  # while the application works

    waiting = asyncio.create_task(line.unread.come(4))
    await asyncio.sleep(SOON / 2)
    assert line.channel.timeOut == 60
    line.sender.sendall(b"4567")
    (await waiting).read()
    line.unread.release()

    assert line.channel.timeOut == 60


async def test_other_applications_receive_events(lines):
    line = lines(100_000)
    line.sender.sendall(bytes(100_000))

    first = await line.unread.receive()
    second = await line.unread.receive()

    assert len(first["body"]) + len(second["body"]) == 100_000
    assert first["more_body"]
    assert await line.unread.receive() == LEFT  # what comes after it
