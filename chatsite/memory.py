"""How memory is given back, and how often Python looks for what can be.

Each thread may get an arena of glibc's malloc, and each arena keeps its peak. The
threads here are many and short, and the interpreter lock lets one allocate at a time.
What is large, malloc gives back to the kernel at once, and asks for it again: that took
a tenth of the time of a piece of a file.
"""

import contextlib
import ctypes
import gc

MIB = 1024 * 1024
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # mallopt(3)
ARENAS = 2
LARGE_BYTES = MIB  # of one allocation: parts of files are less, and come often
FREE_BYTES = 4 * MIB  # at the end of an arena, for the next
YOUNG = 10_000  # objects until unreachable cycles are looked for; Python's own: 700


def tune_malloc():
    with contextlib.suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, FREE_BYTES)


def collect_seldom():
    """Look for cycles less often, and never in what was there from the start.

    A message makes hundreds of objects and few cycles: looking cost 4 % of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
