"""Uploads in a process of their own, to which their connections move.

To take in a megabyte, the interpreter is asked for dozens of times. In the process of
the chat each message would wait for it as often, on its way from thread to thread.

That process may end at any moment: the connections that it has are cut, and senders go
on from what is stored. Until another is started the process of the chat takes uploads.
"""

import asyncio
import logging
import subprocess
import sys
import time

from chatsite.environment import BASE_DIR
from chatsite.line import Line, pair

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0  # from one start to the next
HANG_SECONDS = 30.0  # for it to take a connection, also while it starts
END_SECONDS = 7.0  # for it to finish what it does
LOOK_SECONDS = 0.05
TAKEN = "taken"  # what it says of each connection


class UploadProcess:
    """The other process, started when it is first needed.

    It serves paths of which `is_upload(path)`. Connections that it hands back are given
    to `adopt(descriptor)`, what is announced there to `announce(what, arguments)`.
    """

    def __init__(self, is_upload, *, adopt, announce):
        self.serves = is_upload
        self._adopt, self._announce = adopt, announce
        self._process = self._line = None
        self._handed = self._taken = 0  # connections
        self._may_start_at = 0.0
        self._endings = set()  # tasks

    def take(self, connection):
        """Hand a connected socket on; return whether that was possible."""
        if self._line is None and time.monotonic() >= self._may_start_at:
            self._start()
        if self._line is None or not self._line.take(connection):
            return False
        self._handed += 1
        loop = asyncio.get_running_loop()
        loop.call_later(HANG_SECONDS, self._look, self._process, self._handed)
        return True

    async def end(self):
        """Have it finish what it does; return when it has ended."""
        self._may_start_at = float("inf")
        if self._line:
            self._line.hang_up()
        if self._process:
            await see_end(self._process)

    def _start(self):
        self._may_start_at = time.monotonic() + AGAIN_SECONDS
        ours, theirs = pair()
        with theirs:
            try:
                self._process = start(theirs.fileno())
            except OSError as reason:
                logger.error("The process for uploads cannot start: %s", reason)
                ours.close()
                return
        self._handed = self._taken = 0
        self._line = Line(
            ours, adopt=self._adopt, hear=self._hear, ended=self._has_ended
        )

    def _hear(self, what, arguments):
        if what == TAKEN:
            self._taken += 1
        else:
            self._announce(what, arguments)

    def _look(self, process, number):
        """End it when it has not taken a connection that it was handed long ago."""
        if process is self._process and self._line and self._taken < number:
            logger.error("The process for uploads hangs; it is killed.")
            process.kill()

    def _has_ended(self):
        self._line.close()
        self._line = None
        if self._may_start_at < float("inf"):
            logger.warning("The process for uploads ends; the next upload starts one.")
        ending = asyncio.get_running_loop().create_task(see_end(self._process))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


def start(end):
    """Start it with one end of a line, and in a group of its own: Ctrl+C in a terminal
    is for the chat, with which it ends."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "chatsite.upload_server", str(end)],
        cwd=BASE_DIR,
        pass_fds=[end],
        process_group=0,
    )


async def see_end(process):
    """Wait until a process has ended; one that takes too long is killed."""
    deadline = time.monotonic() + END_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
        await asyncio.sleep(LOOK_SECONDS)
