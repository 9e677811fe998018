"""Bytes from the disk to a response: read in threads, in bounded memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from rooms.limits import DOWNLOAD_CHUNK_BYTES, DOWNLOAD_THREADS

threads = ThreadPoolExecutor(DOWNLOAD_THREADS, thread_name_prefix="files")


def pieces(file, start, end):
    """Yield bytes `start` to `end` of an open file in pieces; close it after."""
    with file:
        file.seek(start)
        read = file.read
        while start < end and (piece := read(min(DOWNLOAD_CHUNK_BYTES, end - start))):
            start += len(piece)
            yield piece


async def ahead(iterator):
    """Yield what a generator of bytes does, run in threads, one step ahead of the
    reader. However it ends, the generator is closed."""
    loop = asyncio.get_running_loop()
    step = loop.run_in_executor(threads, next, iterator, None)
    try:
        while True:
            await asyncio.wait([step])  # which a cancelled reader does not cancel
            if (piece := step.result()) is None:
                return
            step = loop.run_in_executor(threads, next, iterator, None)
            yield piece
    finally:
        await asyncio.wait([step])
        await loop.run_in_executor(threads, iterator.close)
