"""Short messages from browsers, read in one step.

autobahn takes a frame in with a dozen calls, ready for frames that come in pieces.
Nearly every frame of a chat is one short text that comes whole; reading those at once
gave an eighth more messages with 100 rooms of 10.
"""

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chatsite.daphne.moving import stay

SHORT_BYTES = 4096  # less than any limit on messages
FINAL_TEXT = 0x81  # RFC 6455, 5.2: FIN and opcode 1
MASKED = 0x80
LONG = 126  # the length is in the next two bytes


class ChatSocket(WebSocketProtocol):
    """The connection to one browser. What is not simple is left to autobahn."""

    def makeConnection(self, transport):  # noqa: N802 - Twisted's names
        stay(transport)
        super().makeConnection(transport)

    def dataReceived(self, data):  # noqa: N802
        payload = None
        if self.state == self.STATE_OPEN and not self._is_amid_something():
            payload = short_text(data)
        if payload is None:
            self._dataReceived(data)
        else:
            self.onMessage(payload, isBinary=False)

    def _is_amid_something(self):
        """In a frame, between the frames of a message, or waiting for a pong (of which
        any message takes the place, by autobahn's bookkeeping)."""
        return (
            self.data
            or self.current_frame
            or self.inside_message
            or self.autoPingTimeoutCall
        )


class ChatSocketFactory(WebSocketFactory):
    protocol = ChatSocket


def short_text(data):
    """Return the payload of one short masked text frame, as bytes of right UTF-8.

    None when `data` is anything else, more than that frame, or a part of it.
    """
    if not 6 <= len(data) <= SHORT_BYTES or data[0] != FINAL_TEXT:
        return None
    size, start = data[1] - MASKED, 6
    if size > LONG:
        return None
    if size == LONG:
        size, start = int.from_bytes(data[2:4], "big"), 8
        if size < LONG:  # RFC 6455 wants the shortest form
            return None
    if len(data) != start + size:
        return None
    mask = (data[start - 4 : start] * (size // 4 + 1))[:size]
    number = int.from_bytes(data[start:], "big") ^ int.from_bytes(mask, "big")
    payload = number.to_bytes(size, "big")
    try:
        payload.decode()
    except UnicodeDecodeError:
        return None
    return payload
