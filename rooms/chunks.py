"""Parts of files on their way, before they are stored."""

PART_BYTES = 512 * 1024  # what a thread has of one in memory, and its processor at hand


class Chunk:
    """`len` bytes to be taken once: in batches of parts, each to be written at once.

    Fewer come when their sender leaves.
    """

    def __init__(self, size, batches):
        self._size, self._batches = size, batches

    @classmethod
    def of(cls, *parts):
        """Make one of bytes that are all there."""
        return cls(sum(map(len, parts)), [parts])

    @classmethod
    def coming(cls, size, file):
        """Make one of bytes that are still to be read."""
        return cls(size, ([part] for part in parts_of(file, size)))

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter(self._batches)


def parts_of(file, size):
    """Read up to `size` bytes of a file, part by part."""
    while size and (part := file.read(min(PART_BYTES, size))):
        size -= len(part)
        yield part
