"""Invariant 5: the page as loaded, plus the events since, is the page loaded again."""

import json
import uuid

import pytest

from rooms import actions, wiring
from rooms.models import Membership, Message, Room
from tests.actions.test_join_room import enter
from tests.conftest import upload
from tests.images import image
from tests.pages import articles_of, attribute, text_of

DEEDS = {
    "post": lambda alice, message: actions.post_message(
        alice, client_id=uuid.uuid4(), body="New *words*"
    ),
    "post files": lambda alice, message: actions.post_message(
        alice, client_id=uuid.uuid4(), body="", uploads=[upload("c"), upload("d")]
    ),
    "post again": lambda alice, message: actions.post_message(
        alice, client_id=message.client_id, body="Look"
    ),
    "delete a message": lambda alice, message: actions.delete_message(message),
    "delete a file": lambda alice, message: actions.delete_attachment(
        message.attachments.first()
    ),
    "delete all files": lambda alice, message: [
        actions.delete_attachment(file) for file in message.attachments.all()
    ],
    "delete a notice": lambda alice, message: actions.delete_message(
        Message.objects.get(notice="joined")
    ),
    "make a preview": lambda alice, message: actions.make_waiting_preview(),
    "fail to make a preview": lambda alice, message: actions.attach_preview(
        message.attachments.first(), None
    ),
    "receive a file": lambda alice, message: actions.receive_file(
        message.attachments.first(), Membership.objects.get(name="Bob")
    ),
    "receive all files": lambda alice, message: actions.receive_files(
        [
            (file.pk, member.pk)
            for file in message.attachments.all()
            for member in Membership.objects.filter(room=alice.room)
        ]
    ),
    "rename": lambda alice, message: actions.rename_room(
        Room.objects.get(pk=alice.room_id), "Parlour & <more>"
    ),
    "rename, delete the notice": lambda alice, message: [
        actions.rename_room(Room.objects.get(pk=alice.room_id), "Parlour"),
        actions.delete_message(Message.objects.get(notice="renamed")),
    ],
    "join": lambda alice, message: enter(name="Dave"),
    "leave": lambda alice, message: actions.leave_room(
        Membership.objects.get(pk=alice.pk)
    ),
    "leave and come back": lambda alice, message: [
        actions.leave_room(Membership.objects.get(pk=alice.pk)),
        enter(name="Alicia", browser=alice.browser),
    ],
    "remove": lambda alice, message: actions.remove_member(
        Membership.objects.get(pk=alice.pk)
    ),
}


class Page:
    """What a browser shows of a room."""

    def __init__(self, html):
        self.articles = articles_of(html)
        self.change = int(attribute(html, "data-change"))
        name = html.split("data-room-name", 1)[1]
        self.room_name = name[name.index(">") + 1 : name.index("</h1>")]

    def __eq__(self, other):
        return vars(self) == vars(other)

    def apply(self, text):
        """Take one event as static/js does: by position, newer states only."""
        event = json.loads(text)
        self.articles[event["position"]] = event["html"]
        self.articles = dict(sorted(self.articles.items()))
        self.change = max(self.change, event["change"])
        if event["type"] == "room.renamed":
            self.room_name = (
                event["name"]
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
            )


@pytest.fixture
def message(alice, bob, post):
    return post("Look", uploads=[upload("a.png", image()), upload("b")])


@pytest.fixture(params=["en", "id"])
def load(request, bob_client, lounge):
    def load_page():
        headers = {"accept-language": request.param}
        return Page(
            text_of(bob_client.get(f"/rooms/{lounge.public_id}/", headers=headers))
        )

    load_page.language = request.param
    return load_page


@pytest.mark.parametrize("deed", DEEDS)
def test_heard_live(alice, charlie, message, load, announced, deed):
    page = load()

    with announced() as heard:
        DEEDS[deed](alice, message)
    for _room_id, event in heard:
        page.apply(event.texts[load.language])

    assert page.articles == load().articles
    assert page == load()


@pytest.mark.parametrize("deed", DEEDS)
def test_caught_up_later(alice, bob, charlie, message, load, announced, deed):
    page = load()
    with announced():
        DEEDS[deed](alice, message)

    missed = wiring.changes_since(bob.room_id, page.change, bob.pk)
    for event in missed.events:
        page.apply(event.texts[load.language])

    assert page == load()
    assert missed.change == page.change
