import datetime

import pytest
from django.utils import timezone

from rooms import actions, drawing
from rooms.models import Message
from tests.actions.test_join_room import enter
from tests.conftest import upload

LANGUAGES = ["en", "id"]
BODIES = ["Hello", "*a* <b> & \ue000position\ue000", "one\ntwo\n\n- three", "a\u2028b"]


def whole(message, language):
    return drawing.draw_whole(message, drawing.values_of(message), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("body", BODIES)
def test_filling_gaps_is_drawing_the_template(alice, post, body, language):
    message = post(body)

    assert drawing.is_plain(message)
    assert drawing.draw(message, language) == whole(message, language)


def test_a_message_has_what_a_reader_needs(alice, post):
    with timezone.override(datetime.timezone(datetime.timedelta(hours=7))):
        html = drawing.draw(post("See *this*"), "id")

    message = Message.objects.get(notice="")
    posted_at = message.posted_at + datetime.timedelta(hours=7)
    for wanted in [
        f'id="message-{message.position}"',
        f'data-change="{message.change}"',
        f'data-author-id="{alice.public_id}"',
        f'data-client-id="{message.client_id}"',
        f'datetime="{posted_at:%Y-%m-%dT%H:%M:%S.%f}+07:00">{posted_at:%H:%M}<',
        "<bdi>Alice</bdi>",
        ">Anda<",
        "<em>this</em>",
    ]:
        assert wanted in html


def test_only_words_without_files_are_plain(alice, post):
    deleted = post("Hello")
    actions.delete_message(deleted)
    enter(name="Dave")

    assert not drawing.is_plain(post("", uploads=[upload("a")]))
    assert not drawing.is_plain(post("Look", uploads=[upload("a")]))
    assert not drawing.is_plain(Message.objects.get(pk=deleted.pk))
    assert not drawing.is_plain(Message.objects.get(notice="joined"))


def test_names_are_text_in_gaps_too(alice, post):
    message = post("Hello")
    message.author_name = '<i>"&'

    assert "<bdi>&lt;i&gt;&quot;&amp;</bdi>" in drawing.draw(message, "en")
    assert drawing.draw(message, "en") == whole(message, "en")
