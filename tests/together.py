"""Runs functions at the same moment in threads of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def run_together(*functions):
    """Call the functions at once; return their results, or what they raised."""
    start = threading.Barrier(len(functions))

    def run(function):
        start.wait(10)
        try:
            return function()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as threads:
        return list(threads.map(run, functions))
