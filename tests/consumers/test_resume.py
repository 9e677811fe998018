import pytest
from asgiref.sync import sync_to_async

from rooms.actions import delete_message, remove_member
from rooms.limits import BODY_CHARACTERS, CATCH_UP_CHARACTERS, CATCH_UP_MESSAGES
from tests.conftest import fill

pytestmark = pytest.mark.django_db(transaction=True)


async def test_nothing_missed(alice, bob, open_tab):
    tab, _accepted = await open_tab(bob)

    answer = await tab.resume(2, bob.room.epoch)

    assert answer == {"type": "resumed", "change": 2, "here": [], "count": 0}


async def test_what_was_missed_comes_first(alice, bob, open_tab, post):
    await sync_to_async(post)("While you were away")
    tab, _accepted = await open_tab(bob)

    missed = await tab.resume(2, bob.room.epoch)
    resumed = await tab.hear()

    assert (missed["type"], missed["first"], missed["last"]) == ("changes", 3, 3)
    assert [event["change"] for event in missed["events"]] == [3]
    assert (resumed["type"], resumed["change"]) == ("resumed", 3)


async def test_missed_changes_are_states_in_order(alice, bob, open_tab, post):
    first = await sync_to_async(post)("First")
    await sync_to_async(post)("Second")
    await sync_to_async(delete_message)(first)
    tab, _accepted = await open_tab(bob)

    missed = await tab.resume(2, bob.room.epoch)

    told = [(event["type"], event["position"]) for event in missed["events"]]
    assert told == [("message.posted", 4), ("message.deleted", 3)]
    assert (missed["first"], missed["last"]) == (3, 5)


async def test_another_epoch_means_reload(alice, bob, open_tab):
    tab, _accepted = await open_tab(bob)

    answer = await tab.resume(2, "00000000")

    assert answer == {"type": "reload", "epoch": bob.room.epoch}


async def test_as_much_as_one_page_is_caught_up(alice, bob, open_tab):
    await sync_to_async(fill)(bob, CATCH_UP_MESSAGES)
    tab, _accepted = await open_tab(bob)

    missed = await tab.resume(2, bob.room.epoch)

    changes = [event["change"] for event in missed["events"]]
    assert changes == list(range(3, CATCH_UP_MESSAGES + 3))


async def test_more_than_one_page_means_reload(alice, bob, open_tab):
    await sync_to_async(fill)(bob, CATCH_UP_MESSAGES + 1)
    tab, _accepted = await open_tab(bob)

    answer = await tab.resume(2, bob.room.epoch)

    assert answer == {"type": "reload", "epoch": bob.room.epoch}


async def test_much_to_read_means_reload_too(alice, bob, open_tab):
    count = CATCH_UP_CHARACTERS // BODY_CHARACTERS + 1
    await sync_to_async(fill)(bob, count, body="x" * (BODY_CHARACTERS - 10))
    tab, _accepted = await open_tab(bob)

    answer = await tab.resume(2, bob.room.epoch)

    assert answer == {"type": "reload", "epoch": bob.room.epoch}


async def test_after_a_reload_the_tab_resumes_anew(alice, bob, open_tab, post):
    tab, _accepted = await open_tab(bob)
    await tab.resume(2, "00000000")

    await tab.resume(2, bob.room.epoch)
    await sync_to_async(post)("News")

    assert [event["position"] for event in (await tab.hear())["events"]] == [3]


async def test_resuming_twice_hears_everything_once(alice, bob, enter, post):
    tab = await enter(bob)
    await tab.resume(2, bob.room.epoch)

    await sync_to_async(post)("Once")

    assert (await tab.hear())["first"] == 3
    assert await tab.hears_nothing()


async def test_before_resuming_nothing_is_heard(alice, bob, open_tab, post):
    tab, _accepted = await open_tab(bob)

    await sync_to_async(post)("News")

    assert await tab.hears_nothing()


async def test_who_was_removed_meanwhile_resumes_nothing(alice, bob, open_tab, post):
    tab, _accepted = await open_tab(bob)
    await sync_to_async(remove_member)(bob)
    await sync_to_async(post)("Secret")

    await tab.say("resume", change=0, epoch=bob.room.epoch)

    assert await tab.hear_close() in {4403, 4404}


async def test_no_other_room_is_resumed(alice, bob, charlie, enter, post):
    tab = await enter(bob)

    await tab.say("resume", change=0, epoch=bob.room.epoch, room=charlie.room_id)
    await sync_to_async(post)("Elsewhere", author=charlie)

    events = (await tab.hear())["events"]
    assert [event["author"] for event in events] == [alice.public_id, bob.public_id]
    assert (await tab.hear())["type"] == "resumed"
    assert await tab.hears_nothing()
