"""While the database is away a browser is told to try again, and then succeeds."""

import uuid

import pytest
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError

from rooms import actions, wiring
from rooms.consumers.room import ASK_AGAIN
from rooms.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def fail(monkeypatch, owner, name, error, times):
    """Make a function raise `error` so many times, and work again afterwards."""
    works = getattr(owner, name)
    left = [error] * times

    def function(*arguments, **options):
        if left:
            raise left.pop()
        return works(*arguments, **options)

    monkeypatch.setattr(owner, name, function)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
async def test_a_post_is_to_be_sent_again_and_is_then_stored(
    bob, enter, monkeypatch, error
):
    tab, client_id = await enter(bob), str(uuid.uuid4())
    fail(monkeypatch, actions, "post_messages", error("away"), times=2)

    await tab.say("post", client_id=client_id, body="Patience")
    refused = await tab.hear()
    await tab.say("post", client_id=client_id, body="Patience")
    heard = await tab.hear()

    assert (refused["code"], refused["client_id"]) == ("too_busy", client_id)
    assert refused["retry_after"] > 0
    assert heard["events"][0]["client_id"] == client_id
    assert await Message.objects.filter(client_id=client_id).acount() == 1


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
async def test_one_broken_connection_is_not_noticed(bob, enter, monkeypatch, error):
    tab, client_id = await enter(bob), str(uuid.uuid4())
    fail(monkeypatch, actions, "post_messages", error("ended"), times=1)

    await tab.say("post", client_id=client_id, body="Hello")

    assert (await tab.hear())["events"][0]["client_id"] == client_id


async def test_who_cannot_resume_is_sent_away_to_come_back(bob, enter, monkeypatch):
    tab = await enter(bob)
    head = (await sync_to_async(wiring.heads)([bob.room_id]))[bob.room_id]
    fail(monkeypatch, wiring.hub(), "changes_since", OperationalError("away"), times=1)

    refused = await tab.resume(head.change, bob.room.epoch)

    assert refused["code"] == "server_error"
    assert await tab.hear_close() == ASK_AGAIN
