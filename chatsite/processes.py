"""Several server processes on one port, for one host with several cores.

The first process only watches: it starts the others, starts again what ended, and
passes a stop on. Each of the others listens for itself (SO_REUSEPORT): the kernel
spreads new connections among them.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

NUMBER = "CHATSITE_PROCESS"  # in the environment of the others: 1, 2 ...
WATCHER = "CHATSITE_WATCHER"  # the process id of the first
AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.2
STOP_SECONDS = 15.0
BACKLOG = 1024


def is_watched():
    """Whether this is one of several."""
    return NUMBER in os.environ


def is_first():
    """Whether this is the one that speaks for all."""
    return os.environ.get(NUMBER, "1") == "1"


def stop_with_watcher(call_later, stop):
    """Call `stop` when the process that watches is no more, however it ended.

    `call_later(seconds, function)` is the event loop's.
    """

    def look():
        if os.getppid() != int(os.environ[WATCHER]):
            stop()
        else:
            call_later(AGAIN_SECONDS, look)

    if is_watched():
        look()


def watch(host, port, count):
    """Keep `count` processes running until told to stop. Raises OSError at once when
    the port is not free."""
    bind(host, port, is_shared=False).close()
    wanted = {}

    def stop(number, frame):
        wanted["stop"] = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    running = [start(number) for number in range(1, count + 1)]
    while not wanted:
        for index, process in enumerate(running):
            if process.poll() is not None and not wanted:
                print(f"A server process ended ({process.returncode}); another starts.")
                time.sleep(AGAIN_SECONDS)
                running[index] = start(index + 1)
        time.sleep(LOOK_SECONDS)
    stop_all(running)


def start(number):
    # A session of its own: Ctrl+C in a terminal is for the one who watches.
    return subprocess.Popen(
        [sys.executable, "-m", "chatsite.server"],
        env=os.environ | {NUMBER: str(number), WATCHER: str(os.getpid())},
        start_new_session=True,
    )


def stop_all(processes):
    for process in processes:
        process.terminate()
    end = time.monotonic() + STOP_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, end - time.monotonic()))
        process.kill()


def listen(host, port):
    """Return a listening socket that others share. Raises OSError."""
    listener = bind(host, port, is_shared=True)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def bind(host, port, *, is_shared):
    family, kind, protocol, _name, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
