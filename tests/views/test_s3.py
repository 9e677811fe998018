"""Files on S3-compatible storage: members get an address that is good for a minute."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.files.storage import storages
from moto import mock_aws

from chatsite import environment
from rooms import actions
from rooms.models import Receipt
from tests.conftest import upload
from tests.images import image, opened
from tests.views.test_download import download
from tests.views.test_zip import ask, unpacked

BUCKET = "chatsite-files"
CONTENT = b"bytes" * 100


@pytest.fixture
def bucket(settings, monkeypatch):
    """An empty bucket of S3, in this process, in which files are stored from now on."""
    for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("S3_REGION", "us-east-1")
    with mock_aws():
        storage = environment.read_s3_storage(BUCKET)
        settings.S3_BUCKET = BUCKET
        settings.STORAGES = settings.STORAGES | {"default": storage}
        bucket = storages["default"].bucket
        bucket.create()
        yield bucket


@pytest.fixture
def attachment(bucket, alice, bob, post):
    return post(uploads=[upload("résumé.html", CONTENT)]).attachments.get()


def test_bytes_are_kept_in_the_bucket(bucket, attachment, stored):
    assert [o.get()["Body"].read() for o in bucket.objects.all()] == [CONTENT]
    assert stored() == []


def test_a_member_is_sent_there(bob_client, attachment):
    response = download(bob_client, attachment)

    answer = requests.get(response["Location"], timeout=10)
    assert (response.status_code, response["Cache-Control"]) == (
        302,
        "private, no-store",
    )
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    name = "attachment; filename*=utf-8''r%C3%A9sum%C3%A9.html"
    assert answer.headers["Content-Disposition"] == name


def test_the_address_is_good_for_a_minute_and_this_file(bob_client, attachment):
    address = urlsplit(download(bob_client, attachment)["Location"])

    query = parse_qs(address.query)
    assert query["X-Amz-Expires"] == ["60"]
    assert len(query["X-Amz-Signature"][0]) == 64
    assert address.path.endswith(attachment.file.name)


def test_a_stranger_gets_no_address(charlie, charlie_client, attachment):
    response = download(charlie_client, attachment)

    assert (response.status_code, response.has_header("Location")) == (404, False)


def test_headers_are_told_here(bob_client, attachment):
    response = download(bob_client, attachment, method="head")

    assert (response.status_code, response["Content-Length"]) == (
        200,
        str(attachment.size),
    )


def test_handing_over_is_noted(bob_client, attachment):
    download(bob_client, attachment, method="head")
    assert Receipt.objects.count() == 0

    download(bob_client, attachment)

    assert Receipt.objects.get().name == "Bob"


def test_who_has_it_is_not_sent_there(bob_client, attachment):
    headers = {"if-none-match": f'"{attachment.sha256}"'}

    assert download(bob_client, attachment, **headers).status_code == 304


def test_previews_are_made_and_shown(bucket, bob_client, alice, bob, post):
    attachment = post(uploads=[upload("a.png", image())]).attachments.get()

    actions.make_waiting_preview()

    path = f"/rooms/{alice.room.public_id}/files/{attachment.public_id}/thumbnail/"
    response = bob_client.get(path)
    assert (response.status_code, opened(response.content).size) == (200, (480, 240))
    assert len(list(bucket.objects.all())) == 3


def test_a_zip_reads_from_there(bob_client, lounge, attachment):
    assert unpacked(ask(bob_client, lounge)) == {"résumé.html": b"b"}


def test_what_is_deleted_leaves_the_bucket(bucket, attachment, announced):
    with announced():
        actions.delete_attachment(attachment)

    assert list(bucket.objects.all()) == []


def test_lost_bytes_have_no_preview(bucket, alice, bob, post):
    attachment = post(uploads=[upload("a.png", image())]).attachments.get()
    bucket.objects.all().delete()

    actions.make_waiting_preview()

    attachment.refresh_from_db()
    assert attachment.preview == ""


@pytest.mark.parametrize(
    ("variables", "origins"),
    [
        ({}, []),
        (
            {"S3_ENDPOINT_URL": "https://s3.example.org:443/"},
            ["https://s3.example.org"],
        ),
        (
            {"S3_REGION": "eu-west-1"},
            ["https://b.s3.amazonaws.com", "https://b.s3.eu-west-1.amazonaws.com"],
        ),
    ],
    ids=["none", "own", "amazon"],
)
def test_pages_may_get_files_from_there(monkeypatch, variables, origins):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    storage = environment.read_s3_storage("b" if variables else "")

    assert environment.s3_origins(storage) == origins
