"""SQLite, whose writers take turns.

SQLite lets one transaction write at a time. Another one sleeps 1, 2, 5, 10, 15 …
milliseconds between its tries, however soon the first has ended; the threads of this
process are woken instead. Between processes, and for statements outside transactions,
it is as before.
"""

import threading

from django.db import OperationalError
from django.db.backends.sqlite3 import base

_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    _has_turn = False

    def _start_transaction_under_autocommit(self):
        seconds = self.settings_dict["OPTIONS"]["timeout"]
        if not _turn.acquire(timeout=seconds):
            raise OperationalError("database is locked")  # in SQLite's own words
        self._has_turn = True
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self):
        try:
            super()._commit()
        finally:
            self._end_turn()

    def _rollback(self):
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self):
        try:
            super()._close()
        finally:
            self._end_turn()

    def _end_turn(self):
        if self._has_turn:
            self._has_turn = False
            _turn.release()
