"""Threads that leave the processor to others: to those that answer a chat.

While files are taken in, a machine of few cores has more threads that want to run than
cores. A post wakes its own threads several times, and each time would wait for the end
of somebody's slice.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

NICENESS = 10  # nice(2): on Linux each thread has its own

_own = threading.local()


def nice_threads(count, name):
    """Return an executor of so many threads that let all others run first."""
    return ThreadPoolExecutor(count, name, initializer=give_way)


def give_way():
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    _own.is_nice = True


def is_nice():
    """Whether the current thread is one of these."""
    return getattr(_own, "is_nice", False)
