"""Memory that is given back: fewer places in which glibc's malloc keeps it.

Each thread may get an arena of its own, and each arena keeps its peak. The threads here
are many and short, and the interpreter lock lets one of them allocate at a time.
"""

import contextlib
import ctypes

M_ARENA_MAX = -8  # mallopt(3)
ARENAS = 2


def keep_few_arenas():
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
