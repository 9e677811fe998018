import json
import uuid

import pytest

from rooms import events
from rooms.limits import BODY_CHARACTERS, FILES_PER_MESSAGE
from rooms.models import Message
from tests.conftest import upload
from tests.pages import Fields, articles_of, text_of

JSON = {"accept": "application/json"}


def say(client, room, body="Hello", **fields):
    headers = fields.pop("headers", {"accept": "text/html,*/*"})
    fields = {"client_id": str(uuid.uuid4()), "body": body} | fields
    return client.post(f"/rooms/{room.public_id}/messages/", fields, headers=headers)


def test_a_form_leads_back_to_the_latest(bob, bob_client, lounge):
    response = say(bob_client, lounge)

    assert response.status_code == 302
    assert response["Location"] == f"/rooms/{lounge.public_id}/#latest"
    assert Message.objects.get(notice="").author == bob


def test_a_script_gets_the_state(bob_client, lounge):
    response = say(bob_client, lounge, headers=JSON)

    message = Message.objects.get(notice="")
    answer = {"type": "state", "events": [events.fields_of(message, "en")]}
    assert (response.status_code, response.json()) == (201, answer)


def test_the_page_shows_it(bob_client, lounge):
    say(bob_client, lounge, "See *this*", files=[upload("plan.pdf")])

    page = text_of(bob_client.get(f"/rooms/{lounge.public_id}/"))

    shown = articles_of(page)[3]
    assert shown.count("See <em>this</em>") == shown.count("<bdi>plan.pdf</bdi>") == 1


def test_everyone_in_this_room_hears_of_it_once(bob_client, lounge, charlie, announced):
    with announced() as heard:
        say(bob_client, lounge, files=[upload("a"), upload("b")])

    assert [(room_id, event.change) for room_id, event in heard] == [(lounge.pk, 3)]


@pytest.mark.parametrize("headers", [{}, JSON], ids=["form", "script"])
def test_sending_twice_posts_once(bob_client, lounge, nothing_changes, headers):
    same = {"client_id": str(uuid.uuid4()), "headers": headers}
    first = say(bob_client, lounge, files=[upload()], **same)

    with nothing_changes():
        again = say(bob_client, lounge, files=[upload()], **same)

    assert again.status_code == first.status_code
    assert again.content == first.content


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"body": ""}, 400, "empty"),
        ({"body": "  \r\n"}, 400, "empty"),
        ({"body": "x" * (BODY_CHARACTERS + 1)}, 413, "too_long"),
        ({"body": "a\x00b"}, 400, "unreadable_text"),
        ({"body": "a\uffffb"}, 400, "unreadable_text"),
        ({"client_id": ""}, 400, "bad_client_id"),
        ({"client_id": "17"}, 400, "bad_client_id"),
    ],
    ids=str,
)
def test_what_is_refused_is_not_saved(
    bob_client, lounge, nothing_changes, fields, status, code
):
    with nothing_changes():
        answer = say(bob_client, lounge, files=[], headers=JSON, **fields)
        page = say(bob_client, lounge, **fields)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Fields(text_of(page)).errors == [answer.json()["reason"]]
    assert page.status_code == status


def test_refused_text_is_kept(bob_client, lounge, nothing_changes):
    body = "</textarea>" + "x" * BODY_CHARACTERS

    with nothing_changes():
        response = say(bob_client, lounge, body)

    assert text_of(response).count(f">&lt;/textarea&gt;{body[11:]}</textarea>") == 1


def test_as_many_files_as_allowed(bob_client, lounge):
    files = [upload(f"{number}") for number in range(FILES_PER_MESSAGE)]

    say(bob_client, lounge, "", files=files)

    assert Message.objects.get(notice="").attachments.count() == FILES_PER_MESSAGE


def test_one_file_more_is_refused(bob_client, lounge, nothing_changes):
    files = [upload(f"{number}") for number in range(FILES_PER_MESSAGE + 1)]

    with nothing_changes():
        response = say(bob_client, lounge, files=files, headers=JSON)

    assert response.json()["code"] == "too_many_files"


@pytest.mark.parametrize("count", [101, 10_000])
def test_a_flood_of_fields_is_refused(bob_client, lounge, nothing_changes, count):
    fields = {f"field{number}": "x" for number in range(count)}

    with nothing_changes():
        response = say(bob_client, lounge, **fields)

    assert text_of(response).count("That request could not be read") > 0
    assert response.status_code == 400


def test_a_flood_of_files_is_refused(bob_client, lounge, nothing_changes):
    files = [upload(f"{number}") for number in range(101)]

    with nothing_changes():
        response = say(bob_client, lounge, files=files)

    assert response.status_code == 400


def test_posting_too_fast_must_wait(bob_client, alice_client, lounge):
    for _ in range(60):
        say(bob_client, lounge)

    response = say(bob_client, lounge, "One more", headers=JSON)

    assert (response.status_code, response.json()["code"]) == (429, "too_fast")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert not Message.objects.filter(body="One more").exists()
    assert say(alice_client, lounge).status_code == 302


def test_bytes_that_are_no_text_are_no_message(bob_client, lounge, nothing_changes):
    with nothing_changes():
        response = bob_client.post(
            f"/rooms/{lounge.public_id}/messages/",
            json.dumps({"body": "Hello", "client_id": str(uuid.uuid4())}),
            content_type="text/plain",
        )

    assert response.status_code == 400


def test_injected_fields_are_ignored(alice, bob, bob_client, lounge, backroom):
    say(bob_client, lounge, author=alice.pk, room_id=backroom.pk, notice="removed")

    message = Message.objects.get(body="Hello")
    assert (message.author, message.room, message.notice) == (bob, lounge, "")
