"""Everybody's acquaintances: alice owns the lounge, bob is in it, charlie is in the
backroom only."""

import uuid
from contextlib import contextmanager

import pytest
from django.test import Client

from rooms import actions, live, throttle
from rooms.access import SESSION_KEY


class Announced(list):
    """The events that a block of code publishes, as (room id, event) pairs."""

    @property
    def changes(self):
        return [event.change for _room_id, event in self]


@pytest.fixture(autouse=True)
def fresh_throttle():
    throttle.local.storage.reset()


@pytest.fixture
def lounge(alice):
    return alice.room


@pytest.fixture
def backroom(charlie):
    return charlie.room


@pytest.fixture
def alice(db):
    return actions.join_room("1001", "Alice", browser=uuid.uuid4()).membership


@pytest.fixture
def bob(alice):
    return actions.join_room("1001", "Bob", browser=uuid.uuid4()).membership


@pytest.fixture
def charlie(db):
    return actions.join_room("2002", "Charlie", browser=uuid.uuid4()).membership


@pytest.fixture
def announced(monkeypatch, django_capture_on_commit_callbacks):
    """A context manager that yields what its block announces after commit."""
    heard = Announced()

    def take(room_id, batch):
        heard.extend((room_id, event) for event in batch.events)

    monkeypatch.setattr(live, "announce", take)

    @contextmanager
    def listen():
        with django_capture_on_commit_callbacks(execute=True):
            yield heard

    return listen


def client_of(membership, **settings):
    """Return a test client that is the member's browser."""
    client = Client(**settings)
    session = client.session
    session[SESSION_KEY] = str(membership.browser)
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


@pytest.fixture
def alice_client(alice):
    return client_of(alice)


@pytest.fixture
def bob_client(bob):
    return client_of(bob)


@pytest.fixture
def charlie_client(charlie):
    return client_of(charlie)


@pytest.fixture
def stranger_client():
    """A browser that never joined any room."""
    return Client()


@pytest.fixture
def post(alice):
    """Post a message as alice, or as the member given."""

    def post_one(body="Hello", author=None, uploads=(), client_id=None):
        posted = actions.post_message(
            author or alice,
            client_id=client_id or uuid.uuid4(),
            body=body,
            uploads=uploads,
        )
        return posted.message

    return post_one
