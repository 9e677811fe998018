"""Frames for sockets, written past Twisted while nobody is behind."""

from daphne.ws_protocol import WebSocketProtocol

from chatsite.daphne.gate import Gate
from chatsite.daphne.sending import send_now

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
        transport = self.transport
        if not transport.connected or self.protocol.state != STATE_OPEN:
            return True
        if transport.dataBuffer or transport._tempDataBuffer:
            transport.write(wire)
            return True
        sent = send_now(self.descriptor, wire)
        if sent < len(wire):
            transport.write(wire[sent:])  # which waits, or notices that it is broken
        return True

    async def drained(self):
        """Wait until the reader has caught up (or is gone)."""
        await self.wait()
