import uuid

import pytest
from asgiref.sync import sync_to_async

from rooms.actions import leave_room, remove_member
from rooms.consumers import open_sockets
from rooms.models import Membership, Message
from tests.hub.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_id():
    return str(uuid.uuid4())


async def test_everybody_gets_the_message(alice, bob, charlie, enter, client_id):
    alices, bobs, charlies = [await enter(m) for m in (alice, bob, charlie)]

    await bobs.say("post", client_id=client_id, body="Hello")

    frame = await bobs.hear()
    assert (frame["type"], frame["first"], frame["last"]) == ("changes", 3, 3)
    event = frame["events"][0]
    assert (event["client_id"], event["author"]) == (client_id, bob.public_id)
    assert (event["type"], event["position"]) == ("message.posted", 3)
    assert await alices.hear() == frame
    assert await charlies.hears_nothing()


async def test_what_is_heard_is_committed(alice, bob, enter, client_id):
    tab = await enter(bob)

    await tab.say("post", client_id=client_id, body="Hello")
    await tab.hear()

    message = await Message.objects.aget(client_id=client_id)
    assert (message.body, message.author_id) == ("Hello", bob.pk)


async def test_the_same_again_is_answered_with_its_state(
    alice, bob, charlie, enter, client_id
):
    alices, bobs = await enter(alice), await enter(bob)
    await bobs.say("post", client_id=client_id, body="Once")
    event = (await bobs.hear())["events"][0]
    await alices.hear()

    await bobs.say("post", client_id=client_id, body="Once")

    assert await bobs.hear() == {"type": "state", "events": [event]}
    assert await alices.hears_nothing()
    assert await Message.objects.filter(client_id=client_id).acount() == 1


async def test_a_tab_may_post_before_it_resumes(alice, bob, open_tab, client_id):
    tab, _accepted = await open_tab(bob)

    await tab.say("post", client_id=client_id, body="Early")
    await tab.say("post", client_id=client_id, body="Early")

    assert (await tab.hear())["events"][0]["client_id"] == client_id


async def test_injected_fields_are_ignored(alice, bob, charlie, enter, client_id):
    tab = await enter(bob)

    await tab.say(
        "post",
        client_id=client_id,
        body="Hello",
        author=alice.pk,
        author_name="Alice",
        room=charlie.room_id,
        room_id=charlie.room_id,
        notice="removed",
        position=1,
        change=1,
    )

    event = (await tab.hear())["events"][0]
    message = await Message.objects.aget(client_id=client_id)
    assert (event["author"], event["position"]) == (bob.public_id, 3)
    assert (message.author_id, message.room_id) == (bob.pk, bob.room_id)
    assert (message.author_name, message.notice) == ("Bob", "")


async def test_everyone_hears_their_own_language(alice, bob, enter, client_id):
    alices, bobs = await enter(alice, language="en"), await enter(bob, language="id")

    await bobs.say("post", client_id=client_id, body="Halo")

    english = (await alices.hear())["events"][0].pop("html")
    indonesian = (await bobs.hear())["events"][0].pop("html")
    assert [english.count("You"), english.count("Anda")] == [1, 0]
    assert [indonesian.count("You"), indonesian.count("Anda")] == [0, 1]


async def test_an_unknown_language_is_english(alice, bob, enter, client_id):
    tab = await enter(bob, language="xx%00")

    await tab.say("post", client_id=client_id, body="Hello")

    assert (await tab.hear())["events"][0]["html"].count("You") == 1


async def test_a_removed_member_hears_nothing_more(alice, bob, charlie, enter, post):
    alices, bobs, others = await enter(alice), await enter(bob), await enter(bob)

    await sync_to_async(remove_member)(await Membership.objects.aget(pk=bob.pk))
    await sync_to_async(post)("Among us")

    assert [await bobs.hear_close(), await others.hear_close()] == [4403, 4403]
    assert [(await alices.hear())["last"], (await alices.hear())["last"]] == [3, 4]
    assert await bobs.receive_nothing(0.2)


async def test_who_left_hears_nothing_more(alice, bob, enter, post):
    tab = await enter(bob)

    await sync_to_async(leave_room)(await Membership.objects.aget(pk=bob.pk))

    assert await tab.hear_close() == 4403


async def test_a_removed_member_cannot_post(alice, bob, open_tab, client_id):
    tab, _accepted = await open_tab(bob)
    await until(lambda: bob.pk in open_sockets)
    await sync_to_async(remove_member)(await Membership.objects.aget(pk=bob.pk))

    await tab.say("post", client_id=client_id, body="Still here?")

    answer = await tab.hear()
    assert (answer["type"], answer["code"]) == ("refused", "not_a_member")
    assert await tab.hear_close() == 4403
    assert not await Message.objects.filter(client_id=client_id).aexists()
