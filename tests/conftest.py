"""Everybody's acquaintances: alice owns the lounge, bob is in it, charlie is in the
backroom only."""

import os
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from rooms import actions, live, throttle
from rooms.access import SESSION_KEY
from rooms.models import Attachment, Membership, Message, Receipt, Room, RoomCounter

hypothesis_settings.register_profile("same", deadline=None, derandomize=True)
hypothesis_settings.load_profile("same")


class Announced(list):
    """The events that a block of code publishes, as (room id, event) pairs."""

    def __init__(self):
        super().__init__()
        self.closed_rooms = []

    @property
    def changes(self):
        return [event.change for _room_id, event in self]


def pytest_terminal_summary(terminalreporter):
    """Tell bin/test which tests were skipped and why, for its last lines."""
    is_worker = hasattr(terminalreporter.config, "workerinput")  # the main one tells
    if (place := os.environ.get("SKIPPED_TESTS")) and not is_worker:
        skipped = terminalreporter.stats.get("skipped", [])
        lines = [f"  {report.nodeid}: {report.longrepr[2]}\n" for report in skipped]
        with Path(place).open("a") as file:
            file.writelines(lines)


@pytest.fixture(autouse=True)
def fresh_throttle():
    throttle.local.storage.reset()


@pytest.fixture(autouse=True)
def in_english():
    """Whatever language an earlier test's request left behind in this thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def uploads_root(settings, tmp_path):
    settings.UPLOADS_ROOT = tmp_path / "uploads"
    return settings.UPLOADS_ROOT


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


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

    @contextmanager
    def listen():
        heard = Announced()

        def take(batches):
            for room_id, batch in batches:
                heard.extend((room_id, event) for event in batch.events)

        with monkeypatch.context() as patch:
            patch.setattr(live, "announce", take)
            patch.setattr(live, "announce_closed_room", heard.closed_rooms.append)
            with django_capture_on_commit_callbacks(execute=True):
                yield heard

    return listen


@pytest.fixture
def stored(media_root):
    """A function that returns the contents of all stored files, sorted."""

    def contents():
        paths = media_root.rglob("*")
        return sorted(path.read_bytes() for path in paths if path.is_file())

    return contents


@pytest.fixture
def nothing_changes(stored, announced):
    """A context manager whose block must save nothing, store nothing, tell nobody."""

    def everything():
        models = (Room, RoomCounter, Membership, Message, Attachment, Receipt)
        rows = {model: list(model.objects.order_by("pk").values()) for model in models}
        return rows, stored()

    @contextmanager
    def watch():
        before = everything()
        with announced() as heard:
            yield
        assert everything() == before
        assert [heard, heard.closed_rooms] == [[], []]

    return watch


def upload(name="photo.png", content=b"bytes"):
    return SimpleUploadedFile(name, content)


def head_of(room):
    return RoomCounter.objects.get(room=room).last_change


def fill(author, count, body="Number"):
    """Write many messages into the author's room at once; nobody is told."""
    last = RoomCounter.objects.take_many({author.room_id: count})[author.room_id]
    Message.objects.bulk_create(
        Message(
            room=author.room,
            author=author,
            author_name=author.name,
            client_id=uuid.uuid4(),
            body=f"{body} {position}",
            position=position,
            change=position,
        )
        for position in range(last - count + 1, last + 1)
    )


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
def removed_client(alice):
    """The browser of dave, who was removed from the lounge."""
    dave = actions.join_room("1001", "Dave", browser=uuid.uuid4()).membership
    actions.remove_member(dave)
    return client_of(dave)


@pytest.fixture
def former_client(alice):
    """The browser of erin, who left the lounge."""
    erin = actions.join_room("1001", "Erin", browser=uuid.uuid4()).membership
    actions.leave_room(erin)
    return client_of(erin)


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
