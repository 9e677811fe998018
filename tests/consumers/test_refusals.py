"""Whatever a browser sends, it gets a clear answer, and nobody else notices."""

import json
import uuid

import pytest

from rooms.limits import (
    BAD_FRAME_STRIKES,
    BODY_CHARACTERS,
    FRAME_BYTES,
    POST_BURST,
    TOO_FAST_STRIKES,
)
from rooms.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

CLIENT_ID = "2b1d7a52-5e0c-4a4e-8f0e-0f5d3c1b2a90"
NO_FRAMES = [
    "{",
    "[1]",
    "null",
    "1",
    '"post"',
    "NaN",
    '{"type": NaN}',
    '{"type": "heartbeat", "more": Infinity}',
    "[" * 60_000,
    "9" * 5_000,
    '{"type": "heartbeat", "n": ' + "9" * 5_000 + "}",
    '{"type": {}}',
    '{"type": ["post"]}',
    '{"type": null}',
    "{}",
    '{"type": "dance"}',
    '{"type": "websocket.close"}',
    '{"type": "disconnect"}',
    '{"type": "receive"}',
    '{"type": "__class__"}',
    '{"type": "heartbeat", "type": "heartbeat"}',
    '{"type": "resume"}',
    '{"type": "resume", "change": -1}',
    '{"type": "resume", "change": true}',
    '{"type": "resume", "change": 1.0}',
    '{"type": "resume", "change": "1"}',
    '{"type": "resume", "change": 9223372036854775807}',
    " " * (FRAME_BYTES + 1),
    " ",
]
BAD_BODIES = [None, 1, True, ["x"], {"text": "x"}]
BAD_CLIENT_IDS = [None, 1, "", "x", "0" * 31, ["x"], {}, "\ud800", "é" * 32]
BAD_TEXTS = [
    ("", "empty"),
    (" \n", "empty"),
    ("x" * (BODY_CHARACTERS + 1), "too_long"),
    ("a\ud800b", "unreadable_text"),
    ("a\x00b", "unreadable_text"),
    ("a\ufffeb", "unreadable_text"),
    ("a\uffffb", "unreadable_text"),
]


@pytest.mark.parametrize("text", NO_FRAMES, ids=lambda text: text[:40])
async def test_what_is_no_frame_is_refused(bob, enter, text):
    tab = await enter(bob)

    await tab.send_to(text_data=text)

    answer = await tab.hear()
    assert (answer["type"], answer["code"]) == ("refused", "bad_frame")
    assert await is_open(tab)


async def test_empty_text_is_refused(bob, enter):
    tab = await enter(bob)

    await tab.send_input({"type": "websocket.receive", "text": ""})

    assert (await tab.hear())["code"] == "bad_frame"


async def test_bytes_are_refused(bob, enter):
    tab = await enter(bob)

    await tab.send_to(bytes_data=b'{"type": "heartbeat"}')

    assert (await tab.hear())["code"] == "bad_frame"
    assert await is_open(tab)


@pytest.mark.parametrize("body", BAD_BODIES, ids=str)
async def test_a_body_that_is_no_text_is_refused(bob, enter, body):
    tab = await enter(bob)

    await tab.say("post", client_id=CLIENT_ID, body=body)

    answer = await tab.hear()
    assert (answer["code"], answer["client_id"]) == ("bad_frame", CLIENT_ID)


@pytest.mark.parametrize("client_id", BAD_CLIENT_IDS, ids=ascii)
async def test_a_client_id_that_is_none_is_refused(bob, enter, client_id):
    tab = await enter(bob)

    await tab.say("post", client_id=client_id, body="Hello")

    assert (await tab.hear())["code"] == "bad_client_id"
    assert not await Message.objects.filter(body="Hello").aexists()
    assert await is_open(tab)


@pytest.mark.parametrize(("body", "code"), BAD_TEXTS, ids=ascii)
async def test_refused_words_hurt_nobody(alice, bob, charlie, enter, body, code):
    alices, bobs = await enter(alice), await enter(bob)

    await bobs.say("post", client_id=CLIENT_ID, body=body)

    answer = await bobs.hear()
    assert (answer["type"], answer["code"]) == ("refused", code)
    assert (answer["client_id"], bool(answer["reason"])) == (CLIENT_ID, True)
    assert not await Message.objects.filter(notice="").aexists()
    await bobs.say("post", client_id=CLIENT_ID, body="Better")
    frame = await bobs.hear()
    assert await alices.hear() == frame


async def test_the_reason_is_in_the_readers_language(bob, enter):
    english, indonesian = await enter(bob), await enter(bob, language="id")

    await english.say("post", client_id=CLIENT_ID, body="")
    await indonesian.say("post", client_id=CLIENT_ID, body="")

    assert (await english.hear())["reason"] == "Write something, or choose a file."
    assert (await indonesian.hear())["reason"] != "Write something, or choose a file."


async def test_too_many_bad_frames_end_the_socket(alice, bob, enter):
    alices, bobs = await enter(alice), await enter(bob)

    for _ in range(BAD_FRAME_STRIKES + 1):
        await bobs.send_to(text_data="{")

    answers = [await bobs.hear() for _ in range(BAD_FRAME_STRIKES + 1)]
    assert {answer["code"] for answer in answers} == {"bad_frame"}
    assert await bobs.hear_close() == 4400
    assert await alices.hears_nothing()


async def test_who_is_too_fast_must_wait(alice, bob, enter):
    tab = await enter(bob)

    for number in range(POST_BURST + 5):
        await tab.say("post", client_id=str(uuid.uuid4()), body="" if number else "Hi")

    answers = [await tab.hear() for _ in range(POST_BURST + 5)]
    codes = [answer.get("code") for answer in answers]
    assert codes[:POST_BURST].count("too_fast") == 0
    assert codes.count("too_fast") >= 3
    late = next(answer for answer in answers if answer.get("code") == "too_fast")
    assert late["retry_after"] == 1
    assert await Message.objects.filter(body="Hi").acount() == 1


async def test_who_never_waits_is_sent_away(alice, bob, enter):
    alices, bobs = await enter(alice), await enter(bob)

    for _ in range(POST_BURST + TOO_FAST_STRIKES + 50):
        await bobs.say("post", client_id=CLIENT_ID, body="")

    codes = []
    while (output := await bobs.receive_output())["type"] != "websocket.close":
        codes.append(json.loads(output["text"]).get("code"))
    assert output["code"] == 4429
    assert codes.count("too_fast") == TOO_FAST_STRIKES + 1
    assert await alices.hears_nothing()


async def is_open(tab):
    await tab.say("post", client_id=CLIENT_ID, body="Still here")
    return (await tab.hear())["type"] == "changes"
