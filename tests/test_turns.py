"""Writers of SQLite take turns."""

import threading

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from chatsite.environment import SQLITE_OPTIONS
from chatsite.sqlite import base

pytestmark = pytest.mark.django_db(transaction=True)  # without a turn of their own
SOON = 5  # seconds


@pytest.fixture
def connect(tmp_path):
    options = {"ENGINE": "chatsite.sqlite", "NAME": tmp_path / "x.sqlite3"}
    options["OPTIONS"] = SQLITE_OPTIONS | {"timeout": 0.1}
    return lambda: ConnectionHandler({"default": options})["default"]


def begin(connection):
    connection.set_autocommit(
        False, force_begin_transaction_with_broken_autocommit=True
    )


def fail(connection):
    """End a transaction by a commit that fails, as Django does."""

    connection.connection.close()
    with pytest.raises(Exception, match="closed"):
        connection.commit()
    connection.close()


def commit(connection):
    connection.commit()


def roll_back(connection):
    connection.rollback()


def close(connection):
    connection.in_atomic_block = False
    connection.close()


@pytest.mark.parametrize("end", [commit, roll_back, close, fail])
def test_who_waits_begins_when_the_other_ends(connect, end):
    connection, begun = connect(), threading.Event()
    begin(connection)

    def follow():
        other = connect()
        other.settings_dict["OPTIONS"]["timeout"] = SOON
        begin(other)
        begun.set()
        other.rollback()
        other.close()

    waiting = threading.Thread(target=follow)
    waiting.start()
    assert not begun.wait(0.3)
    end(connection)
    waiting.join(SOON)

    assert begun.is_set()
    assert not base._turn.locked()
    connection.close()


def test_nobody_waits_for_ever(connect):
    first, second = connect(), connect()
    begin(first)

    with pytest.raises(OperationalError, match="locked"):
        begin(second)
    first.rollback()
    begin(second)
    second.rollback()

    assert not base._turn.locked()


def test_who_cannot_begin_has_no_turn(connect):
    connection, away = connect(), connect()
    away.ensure_connection()
    away.cursor().execute("BEGIN IMMEDIATE")  # as another process would

    with pytest.raises(OperationalError, match="locked"):
        begin(connection)

    assert not base._turn.locked()
    away.connection.rollback()
