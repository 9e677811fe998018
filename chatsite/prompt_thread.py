"""Transactions of nice threads, done by a thread that is not nice.

A transaction holds what others wait for. A thread that lets everybody else run first
would have them wait for itself.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps

from django.utils import translation

from chatsite.nice_threads import is_nice
from chatsite.one_thread import let_go_of_connections

_thread = ThreadPoolExecutor(1, "prompt")
_thread.submit(is_nice)  # now: it would be as nice as the thread that first needs it


def promptly(function):
    """Have nice threads wait while another calls a function; others just call it."""

    @wraps(function)
    def wrapped(*arguments, **options):
        call = partial(function, *arguments, **options)
        if not is_nice():
            return call()
        try:
            promise = _thread.submit(_call, call, translation.get_language())
        except RuntimeError:  # the program ends, and the thread has ended
            return call()
        return promise.result()

    return wrapped


def _call(call, language):
    try:
        with translation.override(language):
            return call()
    finally:
        let_go_of_connections()
