"""Starts Daphne as this site needs it, and says where, once it accepts connections.

`daphne chatsite.asgi:application` works as well, with Daphne's own limits.
"""

import os
import sys

import uvloop

uvloop.install()  # before daphne.server, which makes its loop at import

import django  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402

from chatsite import processes  # noqa: E402
from chatsite.daphne import MendedServer, adopt  # noqa: E402
from chatsite.memory import collect_seldom, tune_malloc  # noqa: E402
from chatsite.upload_process import UploadProcess  # noqa: E402

PING_SECONDS = 10
HANDSHAKE_SECONDS = 10
SWITCH_SECONDS = 0.0005  # how long the event loop waits for a thread that computes


class ChatServer(MendedServer):
    """Daphne with one line of welcome and one of regret."""

    def begin_with(self, function):
        """Call a function as soon as the event loop runs."""
        from twisted.internet import reactor  # noqa: PLC0415 - Daphne chose which

        reactor.callLater(0, function)

    def listen_success(self, port):
        super().listen_success(port)
        from twisted.internet import reactor  # noqa: PLC0415 - Daphne chose which

        self.ws_factory.setProtocolOptions(failByDrop=False)  # 1009 is told, not cut
        if processes.is_first():
            print(*welcome_lines(), sep="\n", flush=True)
        processes.stop_with_watcher(reactor.callLater, self.stop)

    def listen_error(self, failure):
        reason = getattr(failure.value, "socketError", failure.value)
        print(regret(reason), file=sys.stderr)
        self.stop()


def regret(reason):
    """Return the sentence that says why nothing can listen there (an OSError)."""
    from django.conf import settings  # noqa: PLC0415 - needs django.setup()

    return (
        f"Chatsite cannot start: HOST={settings.HOST} PORT={settings.PORT} cannot be "
        f"used ({getattr(reason, 'strerror', reason)}); set free ones."
    )


def welcome_lines():
    """Return what to print when connections are accepted: the addresses to open."""
    from django.conf import settings  # noqa: PLC0415 - needs django.setup()

    from chatsite.environment import EVERY_ADDRESS, local_addresses  # noqa: PLC0415

    addresses = [f"http://{settings.HOST}:{settings.PORT}/"]
    if settings.SITE_URL:
        addresses = [f"{settings.SITE_ORIGIN}/"]
    elif settings.HOST in EVERY_ADDRESS:
        hosts = ["localhost", *local_addresses()]
        addresses = [f"http://{host}:{settings.PORT}/" for host in hosts]
    return [f"Chatsite is running: {' or '.join(addresses)}  (Ctrl+C stops it)"]


def set_up():
    """Make this process ready for the application; or end it, and say why."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    sys.setswitchinterval(SWITCH_SECONDS)
    tune_malloc()
    try:
        django.setup()
    except ImproperlyConfigured as mistake:
        sys.exit(f"Chatsite cannot start: {mistake}")


def main():
    set_up()
    from django.conf import settings  # noqa: PLC0415

    try:
        if settings.PROCESSES > 1 and not processes.is_watched():
            processes.watch(settings.HOST, settings.PORT, settings.PROCESSES)
        else:
            serve(settings)
    except OSError as reason:
        sys.exit(regret(reason))


def serve(settings):
    from chatsite import asgi  # noqa: PLC0415
    from rooms import live, wiring  # noqa: PLC0415
    from rooms.limits import FRAME_BYTES  # noqa: PLC0415

    host = settings.HOST.replace(":", r"\:")
    endpoint = f"tcp:port={settings.PORT}:interface={host}:backlog={processes.BACKLOG}"
    if processes.is_watched():
        listener = processes.listen(settings.HOST, settings.PORT)
        endpoint = f"fd:fileno={listener.fileno()}"
    uploads = None
    if sys.platform == "linux":
        uploads = UploadProcess(
            asgi.takes_while_it_comes,
            adopt=lambda descriptor: adopt(server, descriptor),
            announce=live.announce_for,
        )
    server = ChatServer(
        asgi.application,
        finish=live.finish,
        most_bytes=asgi.most_bytes,
        takes_while_it_comes=asgi.takes_while_it_comes,
        elsewhere=uploads,
        endpoints=[endpoint],
        ping_interval=PING_SECONDS,
        ping_timeout=PING_SECONDS,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        websocket_connect_timeout=HANDSHAKE_SECONDS,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        server_name="",
    )
    collect_seldom()
    server.begin_with(wiring.hub)
    server.run()
    sys.exit(1 if server.abort_start else 0)


if __name__ == "__main__":
    main()
