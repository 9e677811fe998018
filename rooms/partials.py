"""Files on their way: the bytes that have come so far, one partial file for each.

A partial's size is the upload's offset: nothing else remembers it, so nothing can
disagree with it after a crash. Knows ids and bytes; whose they are is asked before.
"""

import errno
import fcntl
import hashlib
import os
import threading
from collections import OrderedDict
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from rooms.exceptions import BeyondLength, StorageFull, UploadBusy, WrongOffset
from rooms.limits import FREE_DISK_BYTES, MIB

READ_BYTES = MIB
CATCH_UP_BYTES = 16 * MIB  # of hashing for each chunk: many chunks' worth, yet no wait
HASHES_KEPT = 512
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}


class Running:
    """The SHA-256 of the first `count` bytes of a partial, known by its inode."""

    __slots__ = ("count", "digest", "inode")

    def __init__(self, inode):
        self.inode = inode
        self.count, self.digest = 0, hashlib.sha256()

    def take(self, data):
        self.digest.update(data)
        self.count += len(data)


class RunningHashes:
    """The hashes of the uploads that were heard of last; others are read from disk."""

    def __init__(self, most):
        self.most = most
        self._lock = threading.Lock()
        self._kept = OrderedDict()

    def take_out(self, public_id):
        """Return what is known of an upload, or None; the caller alone has it then."""
        with self._lock:
            return self._kept.pop(public_id, None)

    def put_back(self, public_id, running):
        with self._lock:
            self._kept[public_id] = running
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)


hashes = RunningHashes(HASHES_KEPT)


class Partial:
    """A partial file that is open and locked: no other thread or process writes it."""

    def __init__(self, public_id, descriptor):
        self.public_id = public_id
        self._descriptor = descriptor

    @property
    def path(self):
        return path_of(self.public_id)

    @property
    def offset(self):
        return os.fstat(self._descriptor).st_size

    def append(self, offset, data, *, length):
        """Add bytes that belong at `offset` of a file of `length` bytes.

        All of them are there afterwards, or none and it raises: WrongOffset,
        BeyondLength, StorageFull.
        """
        if offset != self.offset:
            raise WrongOffset
        if offset + len(data) > length:
            raise BeyondLength
        self._refuse_full_disk(len(data))
        try:
            self._write(data)
        except OSError as error:
            os.ftruncate(self._descriptor, offset)
            raise refusal_of(error) from error
        self._hash(offset, data)

    def sha256(self):
        """Return the SHA-256 of all its bytes, in hexadecimal."""
        running = self._catch_up(self._known(), self.offset)
        hashes.put_back(self.public_id, running)
        return running.digest.hexdigest()

    def settle(self):
        """Have the disk keep it, whatever happens to the machine; young from now on."""
        os.utime(self._descriptor)
        os.fsync(self._descriptor)

    def empty(self):
        """Begin again. With another inode, so that no process takes its hash for that
        of the bytes that were."""
        hashes.take_out(self.public_id)
        fresh = self.path.with_suffix(".new")
        fresh.touch()
        fresh.replace(self.path)

    def _refuse_full_disk(self, size):
        disk = os.fstatvfs(self._descriptor)
        if disk.f_bavail * disk.f_frsize < size + FREE_DISK_BYTES:
            raise StorageFull

    def _write(self, data):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _hash(self, offset, data):
        running = self._known()
        if running.count == offset:
            running.take(data)
        else:  # another process took some, or this one is new
            self._catch_up(running, running.count + CATCH_UP_BYTES)
        hashes.put_back(self.public_id, running)

    def _known(self):
        inode = os.fstat(self._descriptor).st_ino
        running = hashes.take_out(self.public_id)
        if running and running.inode == inode and running.count <= self.offset:
            return running
        return Running(inode)

    def _catch_up(self, running, end):
        while running.count < end:
            wanted = min(READ_BYTES, end - running.count)
            data = os.pread(self._descriptor, wanted, running.count)
            if not data:
                break
            running.take(data)
        return running


def path_of(public_id):
    return Path(settings.UPLOADS_ROOT) / public_id


def offset_of(public_id):
    """Return how many bytes have come."""
    try:
        return path_of(public_id).stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def opened(public_id, *, is_new=False):
    """Lock a partial file, made first when the upload `is_new`.

    Raises UploadBusy while somebody else has it, WrongOffset when there is none.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if is_new else 0)
    try:
        if is_new:
            Path(settings.UPLOADS_ROOT).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path_of(public_id), flags, 0o644)
    except FileNotFoundError as missing:
        raise WrongOffset from missing
    except OSError as error:
        raise refusal_of(error) from error
    try:
        _lock(public_id, descriptor)
        yield Partial(public_id, descriptor)
    finally:
        os.close(descriptor)


def _lock(public_id, descriptor):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_current = path_of(public_id).stat().st_ino == os.fstat(descriptor).st_ino
    except (BlockingIOError, FileNotFoundError) as taken:
        raise UploadBusy from taken
    if not is_current:  # emptied between the opening and the lock
        raise UploadBusy


def remove(public_ids):
    """Delete partial files; missing ones are no error."""
    for public_id in public_ids:
        hashes.take_out(public_id)
        path_of(public_id).unlink(missing_ok=True)


def refusal_of(error):
    """Return what to raise of an OSError: a refusal when the disk takes no more."""
    return StorageFull() if error.errno in NO_ROOM else error
