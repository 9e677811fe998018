"""Frames given to the kernel at once, on real sockets, and what it does not take."""

import socket

import pytest
from daphne.ws_protocol import WebSocketProtocol

from chatsite.daphne.prebuilt import STATE_OPEN, Prebuilt

MUCH = b"0123456789" * 300_000  # more than a socket pair takes at once


class Transport:
    """As much of a Twisted transport as `Prebuilt` uses."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.connected = True
        self.dataBuffer, self._tempDataBuffer = b"", []
        self.producer = None

    def fileno(self):
        return self.ours.fileno()

    def unregisterProducer(self):  # noqa: N802 - Twisted's names
        pass

    def registerProducer(self, producer, streaming):  # noqa: N802
        self.producer = producer

    def write(self, data):
        self._tempDataBuffer.append(data)

    @property
    def waiting(self):
        return self.dataBuffer + b"".join(self._tempDataBuffer)

    def close(self):
        self.ours.close()
        self.theirs.close()


class Protocol:
    state = STATE_OPEN

    def __init__(self):
        self.transport = Transport()


@pytest.fixture
def connections():
    """Three of them."""
    connections = [Prebuilt(Protocol()) for _ in range(3)]
    yield connections
    for connection in connections:
        connection.transport.close()


def heard(connection):
    return connection.transport.theirs.recv(10_000_000, socket.MSG_DONTWAIT)


def test_all_get_the_bytes(connections):
    Prebuilt.write_to_all(connections, b"abc")

    assert [heard(c) for c in connections] == [b"abc"] * 3
    assert not any(c.transport.waiting for c in connections)


def test_what_the_kernel_does_not_take_waits_in_the_transport(connections):
    first, second, third = connections
    third.transport.theirs.close()

    Prebuilt.write_to_all([first, third], b"abc")
    Prebuilt.write_to_all([first, second], MUCH)

    assert heard(first).startswith(b"abc0123456789")
    assert 0 < len(second.transport.waiting) < len(MUCH)
    assert heard(second) + second.transport.waiting == MUCH
    assert third.transport.waiting == b"abc"  # Twisted's own send meets the error


def test_after_a_part_all_else_goes_behind_it(connections):
    connection, *_others = connections
    connection.write(MUCH)

    assert not connection.is_ready()
    assert connection.write(b"abc")
    assert connection.transport.waiting.endswith(b"789abc")


@pytest.mark.parametrize("buffer", ["dataBuffer", "_tempDataBuffer"])
def test_what_waits_in_the_transport_goes_first(connections, buffer):
    connection, *_others = connections
    setattr(connection.transport, buffer, {"d": b"ping", "_": [b"ping"]}[buffer[0]])

    assert not connection.is_ready()
    connection.write(b"abc")

    assert connection.transport.waiting == b"pingabc"


def test_nothing_is_written_while_the_reader_is_behind(connections):
    connection, *_others = connections
    connection.transport.producer.pauseProducing()

    assert not connection.is_ready()
    assert not connection.write(b"abc")

    connection.transport.producer.resumeProducing()
    assert connection.is_ready()


def test_bytes_for_what_closes_are_dropped(connections):
    cut, closing, _other = connections
    cut.transport.connected = False
    closing.protocol.state = WebSocketProtocol.STATE_CLOSING

    for connection in (cut, closing):
        assert not connection.is_ready()
        assert connection.write(b"abc")
        assert connection.transport.waiting == b""
        with pytest.raises(BlockingIOError):
            heard(connection)
