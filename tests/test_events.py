import json

import pytest
from django.conf import settings

from rooms import actions, events
from rooms.models import Message
from tests.actions.test_join_room import enter
from tests.conftest import upload
from tests.pages import articles_of, text_of

LANGUAGES = {code for code, _name in settings.LANGUAGES}
FIELDS = {"type", "change", "position", "client_id", "author", "html"}
DEEDS = {
    "message.posted": lambda bob, post: post("Hello", author=bob),
    "message.deleted": lambda bob, post: actions.delete_message(post(author=bob)),
    "room.created": lambda bob, post: enter("5005"),
    "member.joined": lambda bob, post: enter(name="Dave"),
    "member.left": lambda bob, post: actions.leave_room(bob),
    "member.removed": lambda bob, post: actions.remove_member(bob),
    "room.renamed": lambda bob, post: actions.rename_room(bob.room, "Parlour"),
}


@pytest.fixture
def tell(bob, post, announced):
    """A function that does a deed and returns the last event it announced."""

    def do(type_):
        with announced() as heard:
            DEEDS[type_](bob, post)
        return heard[-1][1]

    return do


def fields_of(event, language="en"):
    return json.loads(event.texts[language])


@pytest.mark.parametrize("type_", DEEDS)
def test_every_deed_has_its_event(tell, charlie, type_):
    event = tell(type_)

    message = Message.objects.get(client_id=fields_of(event)["client_id"])
    fields = fields_of(event)
    assert set(event.texts) == LANGUAGES
    assert fields["type"] == type_ == events.type_of(message)
    assert fields["change"] == event.change
    assert set(fields) == FIELDS | ({"name"} if type_ == "room.renamed" else set())


def test_every_kind_of_message_has_a_type():
    assert set(events.TYPES) == set(Message.Notice)
    assert set(events.TYPES.values()) | {events.DELETED} == set(DEEDS)


@pytest.mark.parametrize(
    ("type_", "closes"), [("member.left", True), ("member.removed", True)]
)
def test_the_end_of_a_membership_closes_its_sockets(tell, bob, type_, closes):
    assert tell(type_).closes == {bob.pk: 4403}


@pytest.mark.parametrize(
    "type_", sorted(set(DEEDS) - {"member.left", "member.removed"})
)
def test_nothing_else_closes_sockets(tell, charlie, type_):
    assert tell(type_).closes == {}


def test_a_message_looks_the_same_to_everyone(
    alice_client, bob_client, charlie, lounge, post
):
    post("Look *here* https://example.org", uploads=[upload("a.png"), upload("b")])
    path = f"/rooms/{lounge.public_id}/"

    alices, bobs = (text_of(c.get(path)) for c in (alice_client, bob_client))

    assert list(articles_of(alices)) == [1, 2, 3]
    assert articles_of(alices) == articles_of(bobs)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_live_and_loaded_look_the_same(
    bob, bob_client, lounge, post, announced, language
):
    with announced() as heard:
        message = post("Hello", author=bob, uploads=[upload("a.png")])
    path = f"/rooms/{lounge.public_id}/"

    page = text_of(bob_client.get(path, headers={"accept-language": language}))

    live = fields_of(heard[0][1], language)
    assert articles_of(page)[message.position] == live["html"]


def test_what_people_type_is_text(alice, bob, announced, post):
    name = '<img src=x onerror="alert(1)">'
    dave = enter(name=name).membership

    with announced() as heard:
        post(f"{name}</script>", author=dave, uploads=[upload(f"{name}.txt")])
        actions.rename_room(dave.room, name)

    for _room_id, event in heard:
        assert fields_of(event)["html"].count("<img") == 0
        assert fields_of(event)["html"].count("&lt;img src=x onerror=") > 0


def test_an_event_is_one_line(alice, bob, charlie, post, announced):
    with announced() as heard:
        post("One\n\nTwo\u2028Three")

    assert [len(text.split("\n")) for text in heard[0][1].texts.values()] == [1, 1]
