"""The layer and the announcements are a doorbell only: the database is the mail."""

import pytest
from asgiref.sync import sync_to_async

from rooms import live
from rooms.actions import remove_member
from tests.conftest import fill

pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_nobody_announced_is_found(alice, bob, charlie, enter):
    bobs, charlies = await enter(bob), await enter(charlie)

    await sync_to_async(fill)(alice, 3)

    frame = await bobs.hear()
    assert [event["change"] for event in frame["events"]] == [3, 4, 5]
    assert (frame["first"], frame["last"]) == (3, 5)
    assert await charlies.hears_nothing()


async def test_a_removal_nobody_announced_is_found(alice, bob, enter, monkeypatch):
    alices, bobs = await enter(alice), await enter(bob)

    with monkeypatch.context() as patch:
        patch.setattr(live, "announce", lambda batches: None)
        await sync_to_async(remove_member)(bob)

    assert (await alices.hear())["events"][0]["type"] == "member.removed"
    assert await bobs.hear_close() == 4403


async def test_more_than_a_page_sends_all_back_to_reload(alice, bob, enter):
    tab = await enter(bob)

    await sync_to_async(fill)(alice, 201)

    assert await tab.hear() == {"type": "reload", "epoch": bob.room.epoch}
    assert (await tab.resume(203, bob.room.epoch))["change"] == 203


async def test_a_gap_is_filled_in_order(alice, bob, enter, post):
    tab = await enter(bob)

    await sync_to_async(fill)(alice, 2)
    await sync_to_async(post)("Third")

    first, second = await tab.hear(), None
    while first["last"] < 5:
        second = await tab.hear()
        first["events"] += second["events"]
        first["last"] = second["last"]
    assert [event["change"] for event in first["events"]] == [3, 4, 5]
