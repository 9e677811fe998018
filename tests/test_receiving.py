"""What `ChatSocket` reads at once is what autobahn reads in its own way."""

import asyncio
from itertools import pairwise

import pytest
from autobahn.websocket.protocol import WebSocketProtocol as Autobahn
from daphne.ws_protocol import WebSocketProtocol
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport

from chatsite.daphne.receiving import (
    SHORT_BYTES,
    ChatSocket,
    ChatSocketFactory,
    short_text,
)

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MASK = b"\x11\x22\x33\x44"


def framed(payload, *, opcode=TEXT, final=True, mask=MASK, reserved=0):
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
    head = bytes([final << 7 | reserved << 4 | opcode]) + length + mask
    return head + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Server:
    root_path = ""
    proxy_forwarded_address_header = None

    def create_application(self, protocol, scope):
        return asyncio.Queue()

    def protocol_connected(self, protocol):
        pass

    def protocol_disconnected(self, protocol):
        pass

    def log_action(self, *arguments):
        pass


class Transport(StringTransport):
    def unregisterProducer(self):  # noqa: N802 - Twisted's name
        pass


def opened(kind):
    """A connection after its handshake, and what it will have heard."""
    factory = ChatSocketFactory(Server())
    factory.setProtocolOptions(
        maxMessagePayloadSize=8192, maxFramePayloadSize=8192, failByDrop=False
    )
    socket = kind()
    socket.factory, socket._raw_query_string = factory, b""
    socket.makeConnection(Transport())
    socket.dataReceived(HANDSHAKE)
    socket.serverAccept()
    socket.transport.clear()
    socket.heard = []
    socket.onMessage = lambda payload, isBinary: socket.heard.append(  # noqa: N803
        (payload, isBinary)
    )
    socket.onPong = lambda payload: socket.heard.append(("pong", payload))
    return socket


def outcome(kind, pieces):
    socket = opened(kind)
    for piece in pieces:
        socket.dataReceived(piece)
    return socket.heard, socket.state, socket.transport.value()


frames = st.builds(
    framed,
    st.one_of(
        st.text(max_size=300).map(str.encode),
        st.binary(max_size=200),
        st.integers(0, 5000).map(lambda size: b"x" * size),
    ),
    opcode=st.sampled_from([TEXT, TEXT, TEXT, 0, BINARY, CLOSE, PING, PONG, 3]),
    final=st.sampled_from([True, True, True, False]),
    mask=st.binary(min_size=4, max_size=4),
    reserved=st.sampled_from([0, 0, 0, 0, 4]),
)


@settings(max_examples=500)
@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 2000), max_size=4))
def test_the_outcome_is_autobahns_however_the_bytes_come(sent, cuts):
    wire = b"".join(sent)
    places = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    cut = [wire[a:b] for a, b in pairwise(places)]

    for pieces in (sent, cut):
        assert outcome(ChatSocket, pieces) == outcome(WebSocketProtocol, pieces)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"\x82", b"\x81\x80\x00\x00\x00\x07"],  # one byte, masked with 80 00 00 00
        [framed(framed(b"abc"), opcode=PING, mask=bytes(4))[:6], framed(b"abc")],
    ],
    ids=["in the head of another", "in the payload of a ping"],
)
def test_what_only_looks_like_a_short_text_is_not_one(pieces):
    assert short_text(pieces[1]) is not None

    heard, state, answered = outcome(ChatSocket, pieces)

    assert all(is_binary for _payload, is_binary in heard)
    assert heard or answered
    assert (heard, state, answered) == outcome(WebSocketProtocol, pieces)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 300, SHORT_BYTES - 8])
def test_a_short_text_is_read_in_one_step(size, monkeypatch):
    socket = opened(ChatSocket)
    monkeypatch.setattr(Autobahn, "_dataReceived", None)
    payload = ("é" * (size // 2)).encode() + b"a" * (size % 2)

    socket.dataReceived(framed(payload))

    assert socket.heard == [(payload, False)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        framed(b"abc")[:-1],
        framed(b"abc") + b"\x81",
        framed(b"abc") + framed(b"abc"),
        framed(b"abc", opcode=BINARY),
        framed(b"abc", final=False),
        framed(b"abc", reserved=4),
        framed("é".encode()[:1]),
        framed(b"x" * SHORT_BYTES),
        b"\x81\x03abc",  # not masked
        b"\x81\xfe\x00\x03" + MASK + b"abc",  # a short length in its long form
        b"\x81\xff" + (3).to_bytes(8, "big") + MASK + b"abc",
        framed(b"\x11" * 70_000, mask=bytes(4))[:133],  # as long as 127 would be
    ],
)
def test_everything_else_is_left_to_autobahn(data):
    assert short_text(data) is None


def test_a_message_stands_for_the_pong_that_is_waited_for():
    socket = opened(ChatSocket)
    socket._sendAutoPing()
    socket.autoPingTimeoutCall = socket.autoPingTimeoutCall or Timer()
    waited_for = socket.autoPingTimeoutCall

    socket.dataReceived(framed(b"abc"))

    assert socket.heard == [(b"abc", False)]
    assert waited_for.is_cancelled
    assert socket.autoPingTimeoutCall is None


class Timer:
    is_cancelled = False

    def cancel(self):
        self.is_cancelled = True
