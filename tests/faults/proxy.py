"""A line between browsers and one server, that can be as bad as lines are."""

import asyncio
import contextlib
import socket

CHUNK_BYTES = 64 * 1024
SLOW_CHUNK_BYTES = 256
NEVER = 1e-6  # bytes a second: somebody who does not read
CLOSED = 7  # Linux, tcp_states.h


class Proxy:
    def __init__(self, port):
        self.port = port  # the server's
        self.is_deaf = False  # what the server says is lost
        self.is_narrow = False  # the kernel reads little ahead, from the next time on
        self.rate = None  # bytes a second that are read from the server
        self.dropped = 0  # connections that the server gave up
        self._flows = asyncio.Event()
        self._flows.set()
        self._lines = set()

    async def start(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self

    async def stop(self):
        self._server.close()
        self.cut()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def cut(self):
        """End every connection at once, at both ends."""
        for line in self._lines:
            line.cancel()

    def freeze(self):
        """Let nothing through, in silence; ends are not told either."""
        self._flows.clear()

    def thaw(self):
        self._flows.set()

    async def _carry(self, reader, writer):
        line = asyncio.current_task()
        self._lines.add(line)
        ends = [writer]
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._flows.wait()
            from_server, to_server = await self._connect()
            ends.append(to_server)
            await self._pump_all(reader, to_server, from_server, writer)
        for end in ends:
            end.transport.abort()
        self._lines.discard(line)

    async def _pump_all(self, from_browser, to_server, from_server, to_browser):
        """Carry bytes until one direction ends."""
        pumps = [
            asyncio.create_task(self._pump_up(from_browser, to_server)),
            asyncio.create_task(self._pump_down(from_server, to_browser)),
            asyncio.create_task(self._watch(to_server.get_extra_info("socket"))),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _watch(self, connection):
        """Wait until the server resets it: who does not read would not notice."""
        while not is_reset(connection):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.1)
        self.dropped += 1

    async def _connect(self):
        connection = socket.socket()
        if self.is_narrow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", self.port))
        return await asyncio.open_connection(sock=connection, limit=SLOW_CHUNK_BYTES)

    async def _pump_up(self, source, target):
        while chunk := await source.read(CHUNK_BYTES):
            await self._flows.wait()
            target.write(chunk)
            await target.drain()

    async def _pump_down(self, source, target):
        while chunk := await source.read(self._chunk_bytes):
            await self._flows.wait()
            if self.is_deaf:
                continue
            if self.rate:
                await asyncio.sleep(len(chunk) / self.rate)
            target.write(chunk)
            await target.drain()

    @property
    def _chunk_bytes(self):
        return SLOW_CHUNK_BYTES if self.rate else CHUNK_BYTES


def is_reset(connection):
    (state,) = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return state == CLOSED
