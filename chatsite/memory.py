"""How memory is given back, and how often Python looks for what can be.

Each thread may get an arena of glibc's malloc, and each arena keeps its peak. The
threads here are many and short, and the interpreter lock lets one allocate at a time.
"""

import contextlib
import ctypes
import gc

MIB = 1024 * 1024
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # mallopt(3)
ARENAS = 2
REUSED_BYTES = MIB  # of one allocation: parts of files are less, and come often
KEPT_BYTES = 4 * MIB  # free, for the next: the kernel's memory is dear to touch anew
YOUNG = 10_000  # objects until unreachable cycles are looked for; Python's own: 700


def keep_few_arenas():
    with contextlib.suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, REUSED_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def collect_seldom():
    """Look for cycles less often, and never in what was there from the start.

    A message makes hundreds of objects and few cycles: looking cost 4 % of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
