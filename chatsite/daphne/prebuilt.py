"""Frames for sockets, written past Twisted while nobody is behind."""

from daphne.ws_protocol import WebSocketProtocol

from chatsite.daphne.gate import Gate
from chatsite.daphne.sending import send_to_all

STATE_OPEN = WebSocketProtocol.STATE_OPEN


class Prebuilt(Gate):
    """The extension `websocket.prebuilt`: frames that are bytes for the wire already.

    Twisted's own way costs a turn of the loop for each send; while nothing waits, the
    kernel takes the bytes directly.
    """

    __slots__ = ("descriptor", "protocol", "transport")

    def __init__(self, protocol):
        super().__init__()
        self.protocol = protocol
        self.transport = protocol.transport
        self.descriptor = self.transport.fileno()  # its own while it is connected
        self.transport.unregisterProducer()  # the HTTP channel before the upgrade
        self.transport.registerProducer(self, True)

    def write(self, wire):
        """Send bytes and return True; False, without sending, while the reader is
        behind. Bytes for a connection that closes are dropped: it resumes elsewhere."""
        if not self.is_open:
            return False
        if self.is_ready():
            self.write_to_all([self], wire)
        elif self.transport.connected and self.protocol.state == STATE_OPEN:
            self.transport.write(wire)
        return True

    def is_ready(self):
        """Whether the kernel would be given bytes at once."""
        transport = self.transport
        return (
            self.is_open
            and transport.connected
            and self.protocol.state == STATE_OPEN
            and not transport.dataBuffer
            and not transport._tempDataBuffer
        )

    @staticmethod
    def write_to_all(ready, wire):
        """Send bytes to connections that are all ready."""
        counts = send_to_all([prebuilt.descriptor for prebuilt in ready], wire)
        if min(counts) == len(wire):
            return
        for prebuilt, sent in zip(ready, counts, strict=True):
            if sent < len(wire):  # the transport waits, or notices that it is broken
                prebuilt.transport.write(wire[max(sent, 0) :])

    async def drained(self):
        """Wait until the reader has caught up (or is gone)."""
        await self.wait()
