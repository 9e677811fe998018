"""Uploads in a process of their own, to which their connections move.

To take in a megabyte, the interpreter is asked for dozens of times. In the process of
the chat each message would wait for it as often, on its way from thread to thread.

That process may end at any moment: the connections that it has are cut, and senders go
on from what is stored. While there is none, the process of the chat takes uploads.
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


class UploadProcess:
    """The other process, started when it is first needed.

    It serves paths of which `is_upload(path)`. Connections that it hands back are given
    to `adopt(descriptor)`, what is announced there to `announce(what, arguments)`.
    """

    def __init__(self, is_upload, *, adopt, announce):
        self.serves = is_upload
        self._adopt, self._announce = adopt, announce
        self._process = self._line = None
        self._may_start_at = 0.0

    def take(self, connection):
        """Hand a connected socket on; return whether that was possible."""
        if self._line is None and time.monotonic() >= self._may_start_at:
            self._start()
        return self._line is not None and self._line.take(connection)

    async def end(self):
        """Have it finish what it does; return when it has ended."""
        self._may_start_at = float("inf")
        if self._line:
            self._line.hang_up()
            await asyncio.to_thread(self._process.wait)

    def _start(self):
        self._may_start_at = time.monotonic() + AGAIN_SECONDS
        ours, theirs = pair()
        with theirs:
            # In a group of its own: Ctrl+C is for the chat, with which it ends.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "chatsite.upload_server", str(theirs.fileno())],
                cwd=BASE_DIR,
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        self._line = Line(
            ours, adopt=self._adopt, hear=self._announce, ended=self._has_ended
        )

    def _has_ended(self):
        self._line.close()
        self._line = None
        if self._may_start_at < float("inf"):
            logger.error("The process that takes uploads ended; another starts.")
            asyncio.get_running_loop().run_in_executor(None, self._process.wait)
