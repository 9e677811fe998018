"""Parts of files on their way, before they are stored."""

PART_BYTES = 512 * 1024  # what a thread has of one in memory


class Chunk:
    """`len` bytes to be taken once, part by part; fewer if their sender leaves."""

    def __init__(self, size, parts):
        self._size, self._parts = size, parts

    @classmethod
    def of(cls, *parts):
        return cls(sum(map(len, parts)), parts)

    def __len__(self):
        return self._size

    def __iter__(self):
        return iter(self._parts)


def parts_of(file, size):
    """Read up to `size` bytes of a file, part by part."""
    while size and (part := file.read(min(PART_BYTES, size))):
        size -= len(part)
        yield part
