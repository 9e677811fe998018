"""The server of the process that takes uploads: see `chatsite.upload_process`.

python -m chatsite.upload_server END: the number of an open socket, which leads to the
process of the chat. It ends with that process, once it has done what it was asked.
"""

from chatsite import server  # isort: skip - sets the event loop before Daphne comes

import socket
import sys

from channels.routing import ProtocolTypeRouter

from chatsite.daphne import MendedServer, adopt
from chatsite.line import Line
from chatsite.memory import collect_seldom


class UploadServer(MendedServer):
    """Listens nowhere: connections are brought by `chat`, and others go back there."""

    def __init__(self, application, chat, **options):
        super().__init__(application, elsewhere=chat, endpoints=["none"], **options)
        self.endpoints = []
        self._chat = chat

    def run(self):
        from twisted.internet import reactor  # noqa: PLC0415 - Daphne chose which

        reactor.callLater(0, self._begin)
        super().run()

    def _begin(self):
        self.http_factory.doStart()  # as its first port would
        self._chat.connect(self)


class ChatProcess:
    """The process of the chat, at the other end of a socket."""

    def __init__(self, end, *, is_upload):
        self._end, self._is_upload = end, is_upload
        self._line = None
        self._has_ended = False

    def connect(self, upload_server):
        """Serve what it brings, until it ends."""
        from rooms import live  # noqa: PLC0415 - needs django.setup()

        def ended():
            self._has_ended = True
            upload_server.stop()

        self._line = Line(
            self._end,
            adopt=lambda descriptor: adopt(upload_server, descriptor),
            ended=ended,
        )
        live.relay_to(self._line.say)

    def serves(self, path):
        return not self._is_upload(path)

    def take(self, connection):
        return self._line.take(connection)

    async def end(self):
        """Take no more from it, and have it know that."""
        if not self._has_ended:
            self._line.hang_up()


def main(number):
    server.set_up()
    from chatsite import asgi  # noqa: PLC0415
    from rooms import live  # noqa: PLC0415

    end = socket.socket(fileno=int(number))
    collect_seldom()
    UploadServer(
        ProtocolTypeRouter({"http": asgi.http_application}),
        ChatProcess(end, is_upload=asgi.takes_while_it_comes),
        finish=live.finish,
        most_bytes=asgi.most_bytes,
        takes_while_it_comes=asgi.takes_while_it_comes,
        server_name="",
    ).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
