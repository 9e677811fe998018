import pytest
from asgiref.sync import async_to_sync

from rooms import live
from rooms.models import Attachment, Receipt
from tests.conftest import upload
from tests.views.test_download import address_of, download

CONTENT = bytes(range(100))


@pytest.fixture
def attachment(alice, bob, post):
    return post(uploads=[upload("plan.pdf", CONTENT)]).attachments.get()


def names():
    return list(Receipt.objects.values_list("name", flat=True))


def say_received(client, attachment):
    return client.post(f"{address_of(attachment)}received/")


def test_a_browser_says_that_it_has_it(bob_client, attachment, announced):
    with announced() as heard:
        response = say_received(bob_client, attachment)

    assert (response.status_code, response.content) == (204, b"")
    assert (names(), len(heard)) == (["Bob"], 1)


def test_saying_it_again_changes_nothing(bob_client, attachment, nothing_changes):
    say_received(bob_client, attachment)

    with nothing_changes():
        assert say_received(bob_client, attachment).status_code == 204


def test_the_sender_need_not_say(alice_client, attachment, nothing_changes):
    with nothing_changes():
        assert say_received(alice_client, attachment).status_code == 204


def test_what_is_uploading_cannot_have_been_received(
    bob_client, attachment, nothing_changes
):
    Attachment.objects.update(state="uploading")

    with nothing_changes():
        assert say_received(bob_client, attachment).status_code == 404


def test_a_database_that_is_away_asks_for_patience(bob_client, attachment, monkeypatch):
    async def receive(receipt):
        raise live.Busy

    monkeypatch.setattr(live, "receive", receive)

    response = say_received(bob_client, attachment)

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response.json()["code"] == "too_busy"


TAG = "tag of the file"


@pytest.mark.parametrize(
    ("headers", "noted"),
    [
        ({}, True),
        ({"range": "bytes=0-"}, True),
        ({"range": "bytes=0-99"}, True),
        ({"range": "bytes=0-98"}, False),
        ({"range": "bytes=50-"}, False),
        ({"range": "bytes=50-", "if-range": TAG}, True),
        ({"range": "bytes=50-60", "if-range": TAG}, False),
        ({"range": "bytes=50-", "if-range": '"old"'}, True),
        ({"range": "bytes=500-"}, False),
        ({"if-none-match": TAG}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", ["streamed", "handed over"])
def test_a_download_is_noted_with_its_last_byte(
    bob_client, attachment, settings, headers, noted, way
):
    settings.ACCEL_REDIRECT_URL = "/protected/" if way == "handed over" else ""
    headers = {k: v.replace(TAG, f'"{attachment.sha256}"') for k, v in headers.items()}

    download(bob_client, attachment, **headers)

    assert names() == (["Bob"] if noted else [])


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-"}], ids=str)
def test_what_a_player_asks_for_is_no_download(bob_client, attachment, headers):
    response = download(bob_client, attachment, query="?look", **headers)

    assert (response.content, names()) == (CONTENT, [])


def test_asking_for_headers_is_no_download(bob_client, attachment):
    download(bob_client, attachment, method="head")

    assert names() == []


def test_a_download_that_is_cut_is_not_noted(bob_client, attachment):
    response = bob_client.get(address_of(attachment))

    async def read_all_but_the_end():
        chunks = aiter(response.streaming_content)
        assert await anext(chunks) == CONTENT
        await chunks.aclose()

    async_to_sync(read_all_but_the_end)()
    assert names() == []


def test_a_file_that_is_shorter_than_it_says_is_not_noted(
    bob_client, attachment, media_root
):
    (media_root / attachment.file.name).write_bytes(CONTENT[:50])

    download(bob_client, attachment)

    assert names() == []


def test_the_senders_own_download_is_none(alice_client, attachment):
    download(alice_client, attachment)

    assert names() == []
