"""Sockets in bounded memory, however fast their browsers send."""

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

MOST_WAITING = 32  # frames for the application, before no more are read
FEW_WAITING = 8


class ChatSocket(WebSocketProtocol):
    """A socket that is read no faster than the application takes its frames."""

    is_held = False

    def onMessage(self, payload, isBinary):  # noqa: N802, N803 - autobahn's names
        super().onMessage(payload, isBinary)
        if not self.is_held and self.application_queue.qsize() >= MOST_WAITING:
            self.is_held = True
            self.transport.pauseProducing()

    def reading_on(self, receive):
        """Return an ASGI `receive` that lets more in once few frames wait."""
        queue = receive.__self__

        async def received():
            event = await queue.get()
            if self.is_held and queue.qsize() <= FEW_WAITING:
                self.is_held = False
                self.transport.resumeProducing()
            return event

        return received


class ChatSocketFactory(WebSocketFactory):
    protocol = ChatSocket
