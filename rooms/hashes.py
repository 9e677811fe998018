"""SHA-256 of files while they grow, in a thread of its own: nobody waits for it before
the last byte."""

import hashlib
import threading
from collections import OrderedDict

from chatsite.nice_threads import nice_threads
from rooms.limits import MIB

READ_BYTES = MIB
CATCH_UP_BYTES = 16 * MIB  # for each chunk: more than comes, so it is caught up
WAITING_CHUNKS = 8  # more are not kept in memory, but read from the disk later
FILES_KEPT = 512


class Running:
    """The SHA-256 of the first `count` bytes of a file that has this inode."""

    __slots__ = ("count", "digest", "inode")

    def __init__(self, inode):
        self.inode, self.count, self.digest = inode, 0, hashlib.sha256()

    def take(self, data):
        self.digest.update(data)
        self.count += len(data)

    def read(self, file, end):
        """Take what the disk has up to `end`."""
        file.seek(self.count)
        while self.count < end:
            data = file.read(min(READ_BYTES, end - self.count))
            if not data:
                break
            self.take(data)


class Hashes:
    """Of the files that grew last; what is not known is read from the disk.

    Each byte of a file is hashed once in each process that takes a part of it,
    whatever order the processes take their parts in.
    """

    def __init__(self):
        self._kept = OrderedDict()  # {path: Running}, used by the thread only
        self._thread = nice_threads(1, "hashes")
        self._places = threading.BoundedSemaphore(WAITING_CHUNKS)

    def follow(self, path, inode, offset, data):
        """A file has grown by `data` at `offset`."""
        if self._places.acquire(blocking=False):
            self._thread.submit(self._follow, path, inode, offset, data)

    def sha256(self, path, inode):
        """Return the SHA-256 of a file that does not grow, in hexadecimal."""
        return self._thread.submit(self._whole, path, inode).result()

    def _follow(self, path, inode, offset, data):
        try:
            running = self._known(path, inode)
            if running.count == offset:
                running.take(data)
            else:  # another process took some, or this one is new
                self._read(path, running, running.count + CATCH_UP_BYTES)
        finally:
            self._places.release()

    def _whole(self, path, inode):
        running = self._known(path, inode)
        self._read(path, running, path.stat().st_size)
        del self._kept[path]
        return running.digest.hexdigest()

    def _known(self, path, inode):
        running = self._kept.get(path)
        if running is None or running.inode != inode:
            running = self._kept[path] = Running(inode)
        self._kept.move_to_end(path)
        if len(self._kept) > FILES_KEPT:
            self._kept.popitem(last=False)
        return running

    def _read(self, path, running, end):
        with path.open("rb", buffering=0) as file:
            running.read(file, end)


hashes = Hashes()
