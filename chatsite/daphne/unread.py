"""Bodies that wait in the kernel until the application reads them.

Twisted reads 64 KiB at a time, in the event loop: everybody's messages would wait for
the bytes of files, and those would be copied three times before the disk has them. Here
the event loop learns how many bytes have come, and a thread of the application takes
them from the socket itself.
"""

import asyncio
import fcntl
import io
import socket
import struct
import sys
import termios
import threading
from contextlib import suppress

from twisted.internet.tcp import Connection

from chatsite.daphne.bodies import BODY_CHUNK_BYTES, body_event

TCP_FAMILIES = {socket.AF_INET, socket.AF_INET6}
CLOSED = {7, 8}  # TCP_CLOSE and TCP_CLOSE_WAIT, of the kernel's tcp_states.h
ROOM = 256 * 1024  # bytes: more than a segment, which is 64 KiB on one machine
GATHER_SECONDS = 1.0  # from the first byte until it is handed on, if it is not enough


def is_plain_tcp(transport):
    """Whether a connection's bytes are those of a TCP socket, on Linux: then they can
    wait in the kernel, and move to another process with it."""
    is_plain = isinstance(transport, Connection) and not transport.TLS
    is_linux = sys.platform == "linux"
    return is_linux and is_plain and transport.socket.family in TCP_FAMILIES


class Unread:
    """The extension `http.request.unread`: a body, of a known length, while it comes.

    `rest` is the ASGI `receive` for what comes after it.
    """

    def __init__(self, channel, rest):
        self._channel, self._rest = channel, rest
        self._transport = channel.transport
        self._socket = self._transport.socket.dup()  # whose number nobody else closes
        self._first = b""
        self._patience = channel.timeOut  # setTimeout() changes it
        self._taken = 0  # by threads, of which Twisted does not know yet
        self._lock = threading.Lock()
        self._waker = None
        self.is_open = True
        self._transport.stopReading()
        self._do_read = self._transport.__dict__.get("doRead")
        self._transport.doRead = self._wake

    def add(self, data):
        """Take what came with the head, so that Twisted has read it."""
        self._first += data

    async def come(self, most):
        """Wait until `most` bytes of the body are there, or all that is left, or a
        second has passed since the first; return them as a `Piece`.

        None at the end of the body, when its sender has left, and when it is better
        read by `receive`.
        """
        if self.is_open:
            self._settle()
        most = min(most, self._left)
        if most and not self._count():
            await self._until(1)
        if 0 < self._count() < most:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._until(most - len(self._first))
        self._channel.setTimeout(None)  # now others wait for the application
        count = min(self._count(), most)
        return Piece(self, count) if count else None

    @property
    def is_cut(self):
        """Whether its sender has left before the end."""
        if not self.is_open:
            return False
        state = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state in CLOSED and self._count() < self._left

    async def receive(self):
        """The ASGI `receive`, for applications that do not know the extension."""
        await asyncio.sleep(0)  # others have their turn, however much is there
        if piece := await self.come(BODY_CHUNK_BYTES):
            return body_event(piece.read(), more_body=True)
        self.release()
        return await self._rest()

    def read_into(self, buffer):
        """Fill a buffer with what is there; return how many bytes that is. For one
        thread at a time."""
        with self._lock:
            if self._first:
                count = min(len(buffer), len(self._first))
                buffer[:count] = self._first[:count]
                self._first = self._first[count:]
                return count
            if not self.is_open:
                return 0
            try:
                count = self._socket.recv_into(buffer)
            except OSError:  # nothing is there, or nobody any more
                return 0
            self._taken += count
            return count

    def release(self):
        """Have Twisted read again: the end, that the sender left, or what nobody
        wanted."""
        if self.is_open:
            self._low_water(1)
            self.close()
            self._settle()
            self._transport.resumeProducing()

    def close(self):
        """Touch the connection no more."""
        if not self.is_open:
            return
        with self._lock:
            self.is_open = False
            self._socket.close()
        del self._transport.doRead
        if self._do_read:
            self._transport.doRead = self._do_read
        self._wake()

    @property
    def _left(self):
        decoder = self._channel._transferDecoder
        return len(self._first) + (decoder.contentLength if decoder else 0)

    def _count(self):
        """How many bytes are there."""
        if not self.is_open:
            return 0
        waiting = fcntl.ioctl(self._socket, termios.FIONREAD, bytes(4))
        return len(self._first) + struct.unpack("i", waiting)[0]

    async def _until(self, least):
        """Wait until the kernel has so many bytes, has no room for them, or knows that
        none will come."""
        if not self.is_open:
            return
        self._low_water(least)
        self._waker = asyncio.get_running_loop().create_future()
        self._transport.startReading()
        try:
            await self._waker
        finally:
            self._waker = None
            self._transport.stopReading()

    def _wake(self):
        """In place of the transport's own `doRead`."""
        self._transport.stopReading()
        if self._waker and not self._waker.done():
            self._waker.set_result(None)

    def _low_water(self, least):
        """Have the kernel tell of no fewer bytes (see socket(7), SO_RCVLOWAT)."""
        if least > 1:  # it makes room for so many; it tells of fewer, if room is scarce
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, least + ROOM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, least)

    def _settle(self):
        """Have Twisted count what was read past it; it ends the request's body."""
        channel = self._channel
        if not channel._transferDecoder:
            return
        channel.setTimeout(self._patience)
        with self._lock:
            taken, self._taken = self._taken, 0
        channel._transferDecoder.contentLength -= taken
        if not channel._transferDecoder.contentLength:
            channel.rawDataReceived(b"")


class Piece(io.BufferedReader):
    """A file of `size` bytes that are there, to be read once, by one thread. It ends
    early when the connection breaks."""

    def __init__(self, unread, size):
        self.size = size
        super().__init__(_Bytes(unread, size), BODY_CHUNK_BYTES)


class _Bytes(io.RawIOBase):
    def __init__(self, unread, size):
        self._unread, self._left = unread, size

    def readable(self):
        return True

    def readinto(self, buffer):
        count = self._unread.read_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
