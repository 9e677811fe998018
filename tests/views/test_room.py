import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rooms.actions import announce_file, post_message
from rooms.limits import HISTORY_PAGE
from tests.conftest import fill, upload
from tests.pages import articles_of, attribute, text_of


def open_room(client, room, query=""):
    return client.get(f"/rooms/{room.public_id}/{query}")


def test_a_member_sees_what_was_said(bob_client, lounge, charlie, post):
    post("Hello *all*", uploads=[upload("plan.pdf")])
    post("Elsewhere", author=charlie)

    page = text_of(open_room(bob_client, lounge))

    assert list(articles_of(page)) == [1, 2, 3]
    assert articles_of(page)[3].count("Hello <em>all</em>") == 1
    assert articles_of(page)[3].count("<bdi>plan.pdf</bdi>") == 1
    assert page.count("Elsewhere") == 0


def test_the_page_knows_its_place(bob, bob_client, lounge, post):
    post()

    page = text_of(open_room(bob_client, lounge))

    assert attribute(page, "data-change") == "3"
    assert attribute(page, "data-epoch") == lounge.epoch
    assert attribute(page, "data-member-id") == bob.public_id
    assert attribute(page, "data-socket-path") == (
        f"/rooms/{lounge.public_id}/socket/?language=en"
    )


def test_one_page_of_history_and_a_link_to_more(alice, alice_client, lounge):
    fill(alice, HISTORY_PAGE + 10)

    page = text_of(open_room(alice_client, lounge))

    assert list(articles_of(page)) == list(range(12, HISTORY_PAGE + 12))
    assert page.count('href="/rooms/' + lounge.public_id + '/?before=12"') == 1


def test_older_messages_are_on_the_page_before(alice, alice_client, lounge):
    fill(alice, HISTORY_PAGE + 10)

    page = text_of(open_room(alice_client, lounge, "?before=12"))

    assert list(articles_of(page)) == list(range(1, 12))
    assert page.count("To the latest messages") == 1


def test_own_unfinished_uploads_of_older_pages_are_named(
    bob, alice, alice_client, bob_client, lounge
):
    for n, author in enumerate([alice, bob, alice]):
        file = announce_file(f"film {n}.mkv", 5)
        post_message(author, client_id=uuid.uuid4(), body="", announced=[file])
        if n < 2:
            fill(alice, HISTORY_PAGE)

    pages = [text_of(open_room(c, lounge)) for c in (alice_client, bob_client)]

    named = [re.findall(r'data-position="\d+"><bdi>(.+)</bdi>', page) for page in pages]
    assert named == [["film 0.mkv"], ["film 1.mkv"]]
    assert pages[0].count("?before=4#message-3") == 1


def test_the_first_page_has_nothing_older(alice, alice_client, lounge):
    fill(alice, HISTORY_PAGE - 1)

    page = text_of(open_room(alice_client, lounge))

    assert len(articles_of(page)) == HISTORY_PAGE
    assert page.count("data-older hidden") == 1


@pytest.mark.parametrize("before", ["", "x", "-1", "1e3", "٣", "9" * 30, "%00", "1.5"])
def test_a_place_that_is_none_is_the_latest(alice_client, lounge, before):
    response = open_room(alice_client, lounge, f"?before={before}")

    assert response.status_code == 200
    assert list(articles_of(text_of(response))) == [1]


@pytest.mark.parametrize("before", ["0", "1"])
def test_before_the_beginning_is_nothing(alice_client, lounge, before):
    response = open_room(alice_client, lounge, f"?before={before}")

    assert response.status_code == 200
    assert articles_of(text_of(response)) == {}


def test_opening_costs_the_same_however_much_was_said(alice, bob_client, lounge, post):
    counts = []
    for said in (1, 2, 57, 140):
        fill(alice, said - 1)
        post(uploads=[upload("a"), upload("b")])
        with CaptureQueriesContext(connection) as queries:
            open_room(bob_client, lounge)
        counts.append(len(queries))

    few, many = counts[:2], counts[2:]
    assert few == [few[0]] * 2
    assert many == [few[0] + 1] * 2  # are uploads further up unfinished?
    assert many[0] <= 8


def test_a_room_full_of_authors_costs_the_same(alice, bob, bob_client, lounge, post):
    counts = []
    for author in (alice, bob):
        post(author=author)
        with CaptureQueriesContext(connection) as queries:
            open_room(bob_client, lounge)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_stranger_is_led_to_the_welcome_page(lounge, stranger_client):
    response = open_room(stranger_client, lounge)

    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_broken_cookie_is_a_stranger(lounge, stranger_client):
    stranger_client.cookies["sessionid"] = "x" * 500

    response = open_room(stranger_client, lounge)

    assert (response.status_code, response["Location"]) == (302, "/")


def test_looking_writes_nothing(bob_client, lounge, nothing_changes):
    with nothing_changes():
        open_room(bob_client, lounge)


def test_the_room_name_is_text(bob_client, lounge):
    lounge.name = "</title><script>alert(1)</script>"
    lounge.save()

    page = text_of(open_room(bob_client, lounge))

    assert page.count("<script>") == page.count("</title><") == 0
