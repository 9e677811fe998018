"""The rules of tus 1.0, and who may upload."""

import base64
import hashlib
import uuid

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from rooms import actions, partials
from rooms.limits import FILE_BYTES, UPLOAD_CHUNK_BYTES, UPLOAD_PIECE_BYTES
from rooms.models import Attachment, Message
from rooms.views.tus import CHUNK_TYPE
from tests.conftest import client_of

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = b"0123456789"


def metadata(**values):
    pairs = values.items()
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs)


def checksum(data, algorithm="sha256"):
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


class Uploader:
    """A browser that uploads to the lounge."""

    def __init__(self, client, room):
        self.client = client
        self.room_path = f"/rooms/{room.public_id}/uploads/"

    def create(self, length=10, body=None, **headers):
        headers = TUS | {"Upload-Length": str(length)} | named(headers)
        return self.client.generic(
            "POST",
            self.room_path,
            body or b"",
            CHUNK_TYPE if body is not None else "",
            headers={name: value for name, value in headers.items() if value},
        )

    def start(self, **options):
        response = self.create(**options)
        assert response.status_code == 201, response.content
        return response["Location"]

    def ask(self, method, path, **headers):
        return self.client.generic(method, path, headers=TUS | named(headers))

    def offset(self, path):
        return int(self.ask("HEAD", path)["Upload-Offset"])

    def send(self, path, offset, data, content_type=CHUNK_TYPE, **headers):
        headers = TUS | {"Upload-Offset": str(offset)} | named(headers)
        headers = {name: value for name, value in headers.items() if value is not None}
        return self.client.generic("PATCH", path, data, content_type, headers=headers)


def named(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def bobs(bob, bob_client):
    return Uploader(bob_client, bob.room)


@pytest.fixture
def started(bobs):
    return bobs.start(Upload_Metadata=metadata(filename="a.txt"))


def only_file():
    return Attachment.objects.get()


def refused(response):
    return response.status_code, response.json()["code"]


def stored_partials(root):
    return sorted(path.name for path in root.glob("*"))


# What works


def test_options_tell_what_the_server_can(bobs, bob_client):
    response = bob_client.options(bobs.room_path)

    assert response.status_code == 204
    told = {name: response[name] for name in response.headers if name.startswith("Tus")}
    assert told == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": (
            "creation,creation-with-upload,checksum,expiration,termination"
        ),
        "Tus-Max-Size": str(FILE_BYTES),
        "Tus-Checksum-Algorithm": "sha256,sha1",
    }


def test_creating_posts_a_message_with_an_announced_file(bob, bobs, announced):
    client_id = uuid.uuid4()
    values = {"filename": "é.png", "body": "Look", "client_id": str(client_id)}

    with announced() as heard:
        response = bobs.create(Upload_Metadata=metadata(**values))

    message = Message.objects.get(client_id=client_id)
    file = message.attachments.get()
    assert (response.status_code, response["Upload-Offset"]) == (201, "0")
    assert response["Location"] == f"{bobs.room_path}{file.public_id}/"
    assert "GMT" in response["Upload-Expires"]
    assert (message.author, message.body) == (bob, "Look")
    assert (file.name, file.size, file.state) == ("é.png", len(BYTES), "uploading")
    assert heard.changes == [message.change]


def test_creating_twice_under_a_client_id_is_one_upload(bobs):
    values = {"filename": "a", "client_id": str(uuid.uuid4())}

    first = bobs.start(Upload_Metadata=metadata(**values))
    bobs.send(first, 0, BYTES[:4])
    again = bobs.create(Upload_Metadata=metadata(**values))

    assert (again["Location"], again["Upload-Offset"]) == (first, "4")
    assert Attachment.objects.count() == 1


def test_a_new_upload_has_nothing(bobs, started):
    response = bobs.ask("HEAD", started)

    facts = [response[f"Upload-{name}"] for name in ("Offset", "Length", "Metadata")]
    assert response.status_code == 200
    assert facts == ["0", "10", metadata(filename="a.txt")]
    assert response["Cache-Control"] == "no-store"
    assert "GMT" in response["Upload-Expires"]


def test_the_metadata_is_told_as_given_until_the_file_is_there(bobs):
    given = f"{metadata(filename='a.txt', filetype='text/plain')},is_draft"
    path = bobs.start(Upload_Metadata=given)

    assert bobs.ask("HEAD", path)["Upload-Metadata"] == given

    bobs.send(path, 0, BYTES)
    assert bobs.ask("HEAD", path)["Upload-Metadata"] == metadata(filename="a.txt")
    assert only_file().upload_metadata == ""


def test_chunks_become_a_file(bobs, started, stored, announced, uploads_root):
    first = bobs.send(started, 0, BYTES[:6])
    with announced() as heard:
        last = bobs.send(started, 6, BYTES[6:])

    file = only_file()
    offsets = [(r.status_code, r["Upload-Offset"]) for r in (first, last)]
    assert offsets == [(204, "6"), (204, "10")]
    assert (file.state, file.expires_at) == ("ready", None)
    assert file.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert (stored(), stored_partials(uploads_root)) == ([BYTES], [])
    assert heard.changes == [file.message.change]


def test_a_finished_upload_has_everything(bobs, started):
    bobs.send(started, 0, BYTES)

    assert bobs.offset(started) == len(BYTES)


def test_bytes_may_come_with_the_creation(bobs, stored):
    part = bobs.create(body=BYTES[:3])
    whole = bobs.create(body=BYTES)

    assert [r["Upload-Offset"] for r in (part, whole)] == ["3", "10"]
    assert stored() == [BYTES]


def test_bytes_that_cannot_be_stored_now_may_come_later(bobs, stored, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(partials, "FREE_DISK_BYTES", 2**62)
        response = bobs.create(body=BYTES)

    assert (response.status_code, response["Upload-Offset"]) == (201, "0")
    assert bobs.offset(response["Location"]) == 0
    assert (Message.objects.filter(notice="").count(), stored()) == (1, [])


def test_an_empty_file_is_there_at_once(bobs, stored):
    path = bobs.start(length=0)

    assert (only_file().state, bobs.offset(path), stored()) == ("ready", 0, [b""])


def test_an_announced_empty_file_is_finished_by_asking(bob, bobs, stored):
    file = actions.announce_file("empty", 0)
    actions.post_message(bob, client_id=uuid.uuid4(), body="", announced=[file])

    assert bobs.offset(f"{bobs.room_path}{file.public_id}/") == 0
    assert (only_file().state, stored()) == ("ready", [b""])


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_right_checksums_are_accepted(bobs, started, algorithm):
    response = bobs.send(started, 0, BYTES, Upload_Checksum=checksum(BYTES, algorithm))

    assert response.status_code == 204


def test_the_right_hash_of_the_whole_is_accepted(bobs, started):
    bobs.send(started, 0, BYTES[:5])

    bobs.send(started, 5, BYTES[5:], Upload_File_Checksum=checksum(BYTES))

    assert only_file().is_ready


def test_a_post_may_say_which_method_it_is(bobs, started):
    def post(data=b"", **headers):
        headers = TUS | {"Upload-Offset": "0"} | named(headers)
        return bobs.client.generic("POST", started, data, CHUNK_TYPE, headers=headers)

    assert post(b"01234", X_HTTP_Method_Override="PATCH").status_code == 204
    assert post(X_HTTP_Method_Override="HEAD")["Upload-Offset"] == "5"
    assert post().status_code == post(X_HTTP_Method_Override="GET").status_code == 405
    assert post(X_HTTP_Method_Override="DELETE").status_code == 204
    assert not Attachment.objects.exists()


def test_cancelling_takes_the_message_along(bobs, started, uploads_root):
    bobs.send(started, 0, BYTES[:5])

    response = bobs.ask("DELETE", started)

    assert (response.status_code, response["Tus-Resumable"]) == (204, "1.0.0")
    assert Attachment.objects.count() == 0
    assert bobs.ask("HEAD", started).status_code == 404


def test_cancelling_removes_the_bytes(
    bobs, started, uploads_root, django_capture_on_commit_callbacks
):
    bobs.send(started, 0, BYTES[:5])

    with django_capture_on_commit_callbacks(execute=True):
        bobs.ask("DELETE", started)

    assert stored_partials(uploads_root) == []


@hypothesis_settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    some.binary(max_size=200),
    some.lists(some.integers(1, 50), max_size=20),
    some.data(),
)
def test_any_cuts_give_the_same_file(bobs, data, sizes, draw):
    path = bobs.start(length=len(data))
    public_id = path.strip("/").split("/")[-1]
    while (offset := bobs.offset(path)) < len(data):
        size = sizes.pop() if sizes else len(data)
        wrong = draw.draw(some.integers(0, len(data) + 9).filter(lambda n: n != offset))
        assert refused(bobs.send(path, wrong, b"x")) in WRONG_PLACE
        if draw.draw(some.booleans()):  # another process: it knows no hash
            partials.hashes._kept.pop(partials.path_of(public_id), None)
        bobs.send(path, offset, data[offset : offset + size])

    file = Attachment.objects.get(public_id=public_id)
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert file.file.read() == data


WRONG_PLACE = {(409, "wrong_offset")}


# What is refused


@pytest.mark.parametrize("version", [None, "0.2.2", "2.0.0", "1.0.0, 1.0.0"])
def test_other_versions_are_refused(bobs, started, nothing_changes, version):
    headers = {"Tus-Resumable": version} if version else {}

    with nothing_changes():
        response = bobs.client.head(started, headers=headers)
        other = bobs.client.patch(started, BYTES, CHUNK_TYPE, headers=headers)

    assert (response.status_code, other.status_code) == (412, 412)
    assert response["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("length", "answer"),
    [
        (None, (411, "no_length")),
        ("-1", (400, "bad_upload")),
        ("1.5", (400, "bad_upload")),
        ("x", (400, "bad_upload")),
        ("٣", (400, "bad_upload")),
        (str(2**63), (400, "bad_upload")),
        ("9" * 400, (400, "bad_upload")),
        (str(FILE_BYTES + 1), (413, "file_too_large")),
    ],
)
def test_impossible_lengths_are_refused(bobs, nothing_changes, length, answer):
    if length == "٣":
        length = "٣".encode().decode("latin1")

    with nothing_changes():
        response = bobs.create(Upload_Length=length)

    assert refused(response) == answer


def test_a_length_for_later_is_refused(bobs, nothing_changes):
    with nothing_changes():
        response = bobs.create(Upload_Length=None, Upload_Defer_Length="1")

    assert refused(response) == (400, "bad_upload")


@pytest.mark.parametrize(
    "text", ["filename !!!", "filename /w==", "a b c", "\xe9 YQ=="]
)
def test_unreadable_metadata_is_refused(bobs, nothing_changes, text):
    with nothing_changes():
        response = bobs.create(Upload_Metadata=text)

    assert refused(response) == (400, "bad_upload")


def test_a_client_id_that_is_none_is_refused(bobs, nothing_changes):
    with nothing_changes():
        response = bobs.create(Upload_Metadata=metadata(client_id="7"))

    assert refused(response) == (400, "bad_client_id")


@pytest.mark.parametrize("offset", [0, 4, 6, 10, 11])
def test_a_wrong_offset_changes_nothing(bobs, started, nothing_changes, offset):
    bobs.send(started, 0, BYTES[:5])

    with nothing_changes():
        response = bobs.send(started, offset, BYTES[5:])

    assert refused(response) == (409, "wrong_offset")
    assert bobs.offset(started) == 5


@pytest.mark.parametrize("offset", [None, "", "-1", "x", "9" * 30])
def test_offsets_that_are_none_are_refused(bobs, started, offset):
    response = bobs.send(started, 0, BYTES, Upload_Offset=offset)

    assert refused(response) == (400, "bad_upload")


def test_more_than_was_announced_is_refused(bobs, started):
    response = bobs.send(started, 0, BYTES + b"x")

    assert refused(response) == (413, "beyond_length")
    assert bobs.offset(started) == 0


def test_a_chunk_that_is_too_large_is_refused(bobs):
    path = bobs.start(length=UPLOAD_CHUNK_BYTES * 2)
    chunk = b"x" * (UPLOAD_CHUNK_BYTES + 1)

    response = bobs.send(path, 0, chunk, Upload_Checksum=checksum(chunk))

    assert refused(response) == (413, "chunk_too_large")
    assert bobs.offset(path) == 0


def test_a_piece_that_is_too_large_is_refused(bobs):
    path = bobs.start(length=UPLOAD_PIECE_BYTES * 2)

    response = bobs.send(path, 0, b"x" * (UPLOAD_PIECE_BYTES + 1))

    assert refused(response) == (413, "chunk_too_large")
    assert bobs.offset(path) == 0


@pytest.mark.parametrize("type_", ["application/octet-stream", "text/plain", ""])
def test_other_types_are_refused(bobs, started, type_):
    response = bobs.send(started, 0, BYTES, content_type=type_)

    assert refused(response) == (415, "no_chunk")


def test_a_wrong_checksum_changes_nothing(bobs, started):
    response = bobs.send(started, 0, BYTES, Upload_Checksum=checksum(b"other"))

    assert refused(response) == (460, "wrong_checksum")
    assert bobs.offset(started) == 0


@pytest.mark.parametrize(
    "header", ["md5 AAAA", "sha256", "sha256 AAAA", "sha256 !!!", "x", "sha1 é"]
)
def test_checksums_that_are_none_are_refused(bobs, started, header):
    header = header.encode().decode("latin1")

    response = bobs.send(started, 0, BYTES, Upload_Checksum=header)
    whole = bobs.send(started, 0, BYTES, Upload_File_Checksum=header)

    assert refused(response) == refused(whole) == (400, "bad_upload")


def test_a_wrong_whole_begins_again(bobs, started, stored, uploads_root):
    bobs.send(started, 0, BYTES[:5])

    response = bobs.send(started, 5, b"wrong", Upload_File_Checksum=checksum(BYTES))

    assert refused(response) == (460, "wrong_checksum")
    assert (bobs.offset(started), only_file().is_ready, stored()) == (0, False, [])
    bobs.send(started, 0, BYTES, Upload_File_Checksum=checksum(BYTES))
    assert (only_file().is_ready, stored()) == (True, [BYTES])


def test_a_part_that_is_being_stored_locks_the_others_out(bobs, started):
    bobs.send(started, 0, BYTES[:5])

    with partials.opened(only_file().public_id):
        response = bobs.send(started, 5, BYTES[5:])

    assert refused(response) == (423, "upload_busy")
    assert (response["Retry-After"], bobs.offset(started)) == ("1", 5)


def test_what_is_finished_takes_no_more(bobs, started, nothing_changes):
    bobs.send(started, 0, BYTES)

    with nothing_changes():
        again = bobs.send(started, 0, BYTES)
        more = bobs.send(started, 10, b"x")

    assert [refused(r) for r in (again, more)] == [(409, "wrong_offset")] * 2


def test_a_full_disk_may_be_tried_again(bobs, started, monkeypatch):
    bobs.send(started, 0, BYTES[:5])
    with monkeypatch.context() as patch:
        patch.setattr(partials, "FREE_DISK_BYTES", 2**70)
        response = bobs.send(started, 5, BYTES[5:])

    assert refused(response) == (507, "storage_full")
    assert response["Retry-After"] == "60"
    assert bobs.offset(started) == 5
    assert bobs.send(started, 5, BYTES[5:]).status_code == 204


def test_a_database_that_is_away_may_be_tried_again(bobs, started, monkeypatch):
    def fail(*arguments, **options):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(actions, "receive_chunk", fail)
        response = bobs.send(started, 0, BYTES)

    assert (*refused(response), response["Retry-After"]) == (503, "too_busy", "2")


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("who", ["alice", "charlie", "former", "removed", "stranger"])
def test_others_find_no_upload(request, bobs, started, method, who):
    client = request.getfixturevalue(f"{who}_client")
    other = Uploader(client, only_file().room)

    response = other.ask(method, started)
    missing = other.ask(method, started.replace(started[-9:-1], "nothing!"))
    nowhere = other.ask(method, f"/rooms/{'x' * 22}/uploads/{'y' * 22}/")

    answers = [(r.status_code, r.content, dict(r.headers)) for r in (response, missing)]
    assert answers[0] == answers[1]
    assert answers[0] == (404, b"", dict(nowhere.headers))
    assert only_file().state == "uploading"


@pytest.mark.parametrize("who", ["charlie", "former", "removed", "stranger"])
def test_others_start_no_upload(request, bobs, bob, nothing_changes, who):
    other = Uploader(request.getfixturevalue(f"{who}_client"), bob.room)

    with nothing_changes():
        response = other.create()

    assert (response.status_code, response.content) == (404, b"")


def test_a_removed_members_upload_ends(
    bob, bobs, started, uploads_root, django_capture_on_commit_callbacks
):
    bobs.send(started, 0, BYTES[:5])

    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_member(bob)

    assert bobs.send(started, 5, BYTES[5:]).status_code == 404
    assert (Attachment.objects.count(), stored_partials(uploads_root)) == (0, [])


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_without_the_pages_token_nothing_happens(bob, started, nothing_changes, method):
    client = client_of(bob, enforce_csrf_checks=True)
    path = started if method != "POST" else started.split("uploads/")[0] + "uploads/"
    headers = TUS | {"Upload-Offset": "0", "Upload-Length": "1"}

    with nothing_changes():
        response = client.generic(method, path, b"", CHUNK_TYPE, headers=headers)

    assert response.status_code == 403


def test_with_the_pages_token_it_works(bob, started):
    client = client_of(bob, enforce_csrf_checks=True)
    page = client.get(f"/rooms/{bob.room.public_id}/")
    headers = {"X-CSRFToken": str(page.context["csrf_token"])}

    response = Uploader(client, bob.room).send(started, 0, BYTES, **headers)

    assert response.status_code == 204


def test_another_site_uploads_nothing(bob, started, nothing_changes):
    client = client_of(bob, enforce_csrf_checks=True)
    page = client.get(f"/rooms/{bob.room.public_id}/")
    headers = {"X-CSRFToken": str(page.context["csrf_token"])}
    headers["Origin"] = "https://evil.example"

    with nothing_changes():
        response = Uploader(client, bob.room).send(started, 0, BYTES, **headers)

    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response


def test_the_same_bytes_elsewhere_tell_nothing(bobs, started, charlie, charlie_client):
    bobs.send(started, 0, BYTES)
    charlies = Uploader(charlie_client, charlie.room)

    response = charlies.create(Upload_File_Checksum=checksum(BYTES))

    assert response["Upload-Offset"] == "0"


def test_a_chunk_costs_few_queries(bobs, started, django_assert_num_queries):
    bobs.send(started, 0, BYTES[:2])

    with django_assert_num_queries(2):  # session; attachment, if one is a member
        bobs.send(started, 2, BYTES[2:4])
