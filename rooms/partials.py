"""Files on their way: the bytes that have come so far, one partial file for each.

A partial's size is the upload's offset: nothing else remembers it, so nothing can
disagree with it after a crash. Knows ids and bytes; whose they are is asked before.
"""

import errno
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from chatsite.early_writes import write_early
from rooms.exceptions import BeyondLength, StorageFull, UploadBusy, WrongOffset
from rooms.hashes import hashes
from rooms.limits import FREE_DISK_BYTES

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}


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

    def append(self, offset, chunk, *, length):
        """Add a `Chunk` that belongs at `offset` of a file of `length` bytes; return
        the offset afterwards.

        All that comes of it is there then, or nothing and it raises: WrongOffset,
        BeyondLength, StorageFull.
        """
        self.check(offset, chunk, length=length)
        self._refuse_full_disk(len(chunk))
        running, end = hashes.before(self.path, self._descriptor, offset), offset
        try:
            for batch in chunk:
                self._write(batch)
                for part in batch:
                    running.follow(end, part)
                    end += len(part)
        except OSError as error:
            os.ftruncate(self._descriptor, offset)
            hashes.forget(self.path)
            raise refusal_of(error) from error
        write_early(self._descriptor, offset, end - offset)
        return end

    def check(self, offset, chunk, *, length):
        """Raise WrongOffset or BeyondLength when these are not the next bytes."""
        if offset != self.offset:
            raise WrongOffset
        if offset + len(chunk) > length:
            raise BeyondLength

    def sha256(self):
        """Return the SHA-256 of all its bytes, in hexadecimal."""
        return hashes.sha256(self.path, self._descriptor)

    def settle(self):
        """Have the disk keep it, whatever happens to the machine; young from now on."""
        os.utime(self._descriptor)
        os.fsync(self._descriptor)

    def empty(self):
        """Begin again. With another inode, so that no process takes its hash for that
        of the bytes that were."""
        fresh = self.path.with_suffix(".new")
        fresh.touch()
        fresh.replace(self.path)

    def _refuse_full_disk(self, size):
        disk = os.fstatvfs(self._descriptor)
        if disk.f_bavail * disk.f_frsize < size + FREE_DISK_BYTES:
            raise StorageFull

    def _write(self, batch):
        rest = [memoryview(part) for part in batch]
        while rest:
            count = os.writev(self._descriptor, rest)
            while rest and count >= len(rest[0]):
                count -= len(rest.pop(0))
            if rest:
                rest[0] = rest[0][count:]


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
        path_of(public_id).unlink(missing_ok=True)


def refusal_of(error):
    """Return what to raise of an OSError: a refusal when the disk takes no more."""
    return StorageFull() if error.errno in NO_ROOM else error
