"""SHA-256 of files while they grow.

A file's is used by who has the file locked; so the bytes are hashed where they are
stored, while the processor has them at hand.
"""

import hashlib
import os
import threading
from collections import OrderedDict

from rooms.limits import MIB

READ_BYTES = MIB
CATCH_UP_BYTES = 16 * MIB  # with each chunk: more than comes, so it is caught up
FILES_KEPT = 512


class Running:
    """The SHA-256 of the first `count` bytes of a file that has this inode."""

    __slots__ = ("count", "digest", "inode")

    def __init__(self, inode):
        self.inode, self.count, self.digest = inode, 0, hashlib.sha256()

    def follow(self, offset, data):
        """Take what the file has at `offset`, if it is what comes next."""
        if offset == self.count:
            self.digest.update(data)
            self.count += len(data)

    def read(self, descriptor, end):
        """Take what the disk has up to `end`."""
        while self.count < end:
            size = min(READ_BYTES, end - self.count)
            if not (data := os.pread(descriptor, size, self.count)):
                break
            self.follow(self.count, data)


class Hashes:
    """Of the files that grew last; what is not known is read from the disk.

    Each byte of a file is hashed once in each process that takes a part of it,
    whatever order the processes take their parts in.
    """

    def __init__(self):
        self._kept = OrderedDict()  # {path: Running}
        self._lock = threading.Lock()

    def before(self, path, descriptor, offset):
        """Return the `Running` of a file's first `offset` bytes, or of fewer while it
        has to be caught up."""
        running = self._known(path, descriptor)
        if running.count > offset:  # another process has thrown some away
            self.forget(path)
            running = self._known(path, descriptor)
        if running.count < offset:  # another process took some, or this one is new
            running.read(descriptor, min(running.count + CATCH_UP_BYTES, offset))
        return running

    def sha256(self, path, descriptor):
        """Return the SHA-256 of the whole file, in hexadecimal, and forget it."""
        running = self._known(path, descriptor)
        running.read(descriptor, os.fstat(descriptor).st_size)
        self.forget(path)
        return running.digest.hexdigest()

    def forget(self, path):
        with self._lock:
            self._kept.pop(path, None)

    def _known(self, path, descriptor):
        inode = os.fstat(descriptor).st_ino
        with self._lock:
            running = self._kept.get(path)
            if running is None or running.inode != inode:
                running = self._kept[path] = Running(inode)
            self._kept.move_to_end(path)
            if len(self._kept) > FILES_KEPT:
                self._kept.popitem(last=False)
            return running


hashes = Hashes()
