"""How memory is given back, and how often Python looks for what can be.

Each thread may get an arena of glibc's malloc, and each arena keeps its peak. The
threads here are many and short, and the interpreter lock lets one allocate at a time.
"""

import contextlib
import ctypes
import gc

M_ARENA_MAX = -8  # mallopt(3)
ARENAS = 2
YOUNG = 10_000  # objects until unreachable cycles are looked for; Python's own: 700


def keep_few_arenas():
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def collect_seldom():
    """Look for cycles less often, and never in what was there from the start.

    A message makes hundreds of objects and few cycles: looking cost 4 % of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
