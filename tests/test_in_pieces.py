"""Long bodies of tus become requests of a piece each."""

import asyncio
from contextlib import suppress
from statistics import median

import pytest

from chatsite import in_pieces
from chatsite.in_pieces import InPieces

PIECE, MOST = 1000, 100_000
PATH = "/rooms/x/uploads/"


@pytest.fixture(autouse=True)
def small_reads(monkeypatch):
    monkeypatch.setattr(in_pieces, "READ_BYTES", 100)


class Uploads:
    """A tus application with one file, which takes bodies of a piece at most."""

    def __init__(self, *, refuse_from=MOST):
        self.data = b""
        self.asked = []  # (method, path, headers, length of the body)
        self.refuse_from = refuse_from  # bytes; beyond, the disk is full

    async def __call__(self, scope, receive, send):
        body = scope["extensions"]["http.request.piece"].read()
        headers = dict(scope["headers"])
        assert int(headers[b"content-length"]) == len(body)
        self.asked.append((scope["method"], scope["path"], headers, len(body)))
        status, told = self._answer(scope, headers, body)
        told = [(name.encode(), str(value).encode()) for name, value in told.items()]
        start = {"type": "http.response.start", "status": status, "headers": told}
        await send(start)
        await send({"type": "http.response.body", "body": b"%d" % status})

    def _answer(self, scope, headers, body):
        if int(headers.get(b"upload-offset", 0)) != len(self.data):
            return 409, {}
        if len(self.data) + len(body) > self.refuse_from:
            return 507, {"Retry-After": 60}
        self.data += body
        told = {"Upload-Offset": len(self.data), "Tus-Resumable": "1.0.0"}
        if scope["path"] == PATH:
            return 201, told | {"Location": PATH + "one/"}
        return 204, told

    @property
    def lengths(self):
        return [length for _method, _path, _headers, length in self.asked]


class Sender:
    """Sends a body as events, waiting for the pauses between them."""

    def __init__(self, *parts, ends=True):
        self.parts = list(parts)
        self.ends = ends  # or is cut
        self.answer = None

    async def receive(self):
        await asyncio.sleep(0)
        while self.parts and isinstance(self.parts[0], float):
            await asyncio.sleep(self.parts[0])
            self.parts.pop(0)
        if not self.parts:
            return {"type": "http.disconnect"}
        part = self.parts.pop(0)
        more = bool(self.parts) or not self.ends
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(self, event):
        if event["type"] == "http.response.start":
            headers = {n.lower(): v.decode() for n, v in event["headers"]}
            self.answer = (event["status"], headers)

    async def ask(self, application, method="PATCH", path=PATH + "one/", **headers):
        fields = {n.replace("_", "-").encode(): v.encode() for n, v in headers.items()}
        scope = {"method": method, "path": path, "headers": list(fields.items())}
        await application(scope, self.receive, self.send)
        return self.answer


def parts_of(data, size=100):
    return [data[start : start + size] for start in range(0, len(data), size)]


DATA = bytes(range(256)) * 20


def in_pieces_of(uploads):
    return InPieces(refused, uploads, chunk=500, piece=PIECE, most=MOST)


async def refused(scope, receive, send):
    raise AssertionError


@pytest.mark.parametrize("told", [{"content_length": str(len(DATA))}, {}])
@pytest.mark.parametrize("size", [1, 99, 100, 1000, 1001, 4000, len(DATA)])
async def test_all_of_it_arrives_in_pieces(told, size):
    uploads = Uploads()
    sender = Sender(*parts_of(DATA, size))

    status, headers = await sender.ask(
        in_pieces_of(uploads), upload_offset="0", cookie="c", **told
    )

    assert uploads.data == DATA
    assert (status, headers[b"upload-offset"]) == (204, str(len(DATA)))
    assert b"connection" not in headers
    assert len(uploads.asked) <= len(DATA) / (PIECE - 100) + 1
    assert max(uploads.lengths) <= PIECE
    assert all(asked[2][b"cookie"] == b"c" for asked in uploads.asked)


async def test_the_rest_of_a_file_goes_on_where_it_was():
    uploads = Uploads()
    uploads.data = b"x" * 321

    await Sender(*parts_of(DATA)).ask(in_pieces_of(uploads), upload_offset="321")

    assert uploads.data == b"x" * 321 + DATA


async def test_a_file_is_made_and_sent_in_one_request():
    uploads = Uploads()
    sender = Sender(*parts_of(DATA))

    status, headers = await sender.ask(
        in_pieces_of(uploads), "POST", PATH, upload_length=str(len(DATA))
    )

    assert uploads.data == DATA
    assert (status, headers[b"location"]) == (201, PATH + "one/")
    assert headers[b"upload-offset"] == str(len(DATA))
    (first, *others) = uploads.asked
    assert first[:2] == ("POST", PATH)
    assert {asked[:2] for asked in others} == {("PATCH", PATH + "one/")}
    assert b"upload-length" in first[2]
    assert not any(b"upload-length" in asked[2] for asked in others)


async def test_a_post_that_says_it_is_a_patch_stays_one():
    uploads = Uploads()

    status, _headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(uploads), "POST", upload_offset="0", x_http_method_override="PATCH"
    )

    assert (status, uploads.data) == (204, DATA)
    assert {asked[0] for asked in uploads.asked} == {"POST"}
    assert all(b"x-http-method-override" in asked[2] for asked in uploads.asked)


async def test_a_refusal_ends_it_and_nothing_more_is_read():
    uploads = Uploads(refuse_from=2500)
    sender = Sender(*parts_of(DATA))

    status, headers = await sender.ask(in_pieces_of(uploads), upload_offset="0")

    assert (status, headers[b"retry-after"]) == (507, "60")
    assert headers[b"connection"] == "close"
    assert 1000 < len(uploads.data) <= 2500
    assert DATA.startswith(uploads.data)
    assert sender.parts


async def test_a_wrong_offset_is_refused_with_the_first_piece():
    uploads = Uploads()

    status, _headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(uploads), upload_offset="7"
    )

    assert (status, uploads.data, len(uploads.asked)) == (409, b"", 1)


@pytest.mark.parametrize("offset", ["", "x", "-1", "9" * 5000])
async def test_an_offset_that_is_none_is_asked_with_once(offset):
    asked = []

    async def application(scope, receive, send):
        asked.append(dict(scope["headers"])[b"upload-offset"].decode())
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body"})

    status, _headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(application), upload_offset=offset
    )

    assert (status, asked) == (400, [offset])


async def test_a_refusal_after_the_making_tells_of_what_was_made():
    uploads = Uploads(refuse_from=2500)

    status, headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(uploads), "POST", PATH, upload_length=str(len(DATA))
    )

    assert (status, headers[b"location"]) == (201, PATH + "one/")
    assert headers[b"upload-offset"] == str(len(uploads.data))
    assert len(uploads.data) > 1000


async def test_an_upload_made_before_is_not_added_to_blindly():
    """A creation that is repeated tells the offset that is there."""
    uploads = Uploads()

    async def application(scope, receive, send):
        uploads.asked.append(scope["path"])
        headers = [(b"Upload-Offset", b"5000"), (b"Location", b"/one/")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body"})

    status, headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(application), "POST", PATH, upload_length="9999"
    )

    assert (status, headers[b"upload-offset"]) == (201, "5000")
    assert uploads.asked == [PATH]


async def test_what_came_before_a_cut_is_kept_and_nobody_is_answered():
    uploads = Uploads()
    sender = Sender(*parts_of(DATA[:2345]), ends=False)

    assert await sender.ask(in_pieces_of(uploads), upload_offset="0") is None

    assert uploads.data == DATA[:2345]


async def test_a_making_that_was_cut_makes_nothing():
    uploads = Uploads()
    sender = Sender(*parts_of(DATA[:400]), ends=False)

    assert await sender.ask(in_pieces_of(uploads), "POST", PATH) is None

    assert uploads.asked == []


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_redirect_is_passed_on(method):
    async def application(scope, receive, send):
        headers = [(b"Location", b"/elsewhere/")]
        await send({"type": "http.response.start", "status": 301, "headers": headers})
        await send({"type": "http.response.body"})

    status, headers = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(application), method
    )

    assert (status, headers[b"location"]) == (301, "/elsewhere/")


@pytest.mark.parametrize("status", [422, 460])
async def test_that_a_new_file_was_thrown_away_at_its_end_is_told(status):
    uploads = Uploads()

    async def application(scope, receive, send):
        if len(uploads.asked) < 3:
            return await uploads(scope, receive, send)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body"})

    answer = await Sender(*parts_of(DATA)).ask(
        in_pieces_of(application), "POST", PATH, upload_length=str(len(DATA))
    )

    assert answer[0] == status


async def test_a_slow_sender_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(in_pieces, "GATHER_SECONDS", 0.05)
    uploads = Uploads()
    sender = Sender(DATA[:30], 0.2, DATA[30:70], 0.2, DATA[70:90])

    await sender.ask(in_pieces_of(uploads), upload_offset="0")

    assert (uploads.lengths, uploads.data) == ([30, 40, 20], DATA[:90])


async def test_an_empty_part_is_no_end(monkeypatch):
    monkeypatch.setattr(in_pieces, "GATHER_SECONDS", 0.05)
    uploads = Uploads()
    sender = Sender(b"", 0.1, DATA[:300], 0.1, b"", 0.1, DATA[300:500])

    status, _headers = await sender.ask(in_pieces_of(uploads), upload_offset="0")

    assert (status, uploads.data) == (204, DATA[:500])
    assert 0 not in uploads.lengths


async def test_an_end_that_comes_alone_is_no_piece(monkeypatch):
    uploads = Uploads()
    sender = Sender(*parts_of(DATA[:1000]), 0.01, b"")

    await sender.ask(in_pieces_of(uploads), upload_offset="0")

    assert 0 not in uploads.lengths
    assert uploads.data == DATA[:1000]


async def test_an_empty_body_is_one_request():
    uploads = Uploads()

    status, _headers = await Sender(b"").ask(in_pieces_of(uploads), upload_offset="0")

    assert (status, uploads.lengths) == (204, [0])


async def test_many_senders_get_smaller_pieces(monkeypatch):
    monkeypatch.setattr(in_pieces, "ALL_BYTES", 1000)
    several = [Uploads() for _ in range(5)]
    application = in_pieces_of(
        lambda scope, *others: several[int(scope["path"])](scope, *others)
    )
    senders = [Sender(*parts_of(DATA)) for _ in several]

    await asyncio.gather(
        *(
            sender.ask(application, path=str(n), upload_offset="0")
            for n, sender in enumerate(senders)
        )
    )

    assert [uploads.data for uploads in several] == [DATA] * 5
    assert min(median(uploads.lengths) for uploads in several) < PIECE / 2
    assert application._held == 0


@pytest.mark.parametrize("offset", ["0", "7", "x"])
@pytest.mark.parametrize("ends", [True, False])
async def test_nothing_is_held_afterwards(offset, ends):
    uploads = Uploads(refuse_from=2500)
    application = in_pieces_of(uploads)

    with suppress(ValueError):  # of an application that fails
        await Sender(*parts_of(DATA, 2000), ends=ends).ask(
            application, upload_offset=offset
        )

    assert application._held == 0


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("PATCH", {"content_length": "500"}),
        ("PATCH", {"content_length": "5000", "upload_checksum": "sha1 x"}),
        ("PATCH", {"content_length": str(MOST + 1)}),
        ("PATCH", {"content_length": "x"}),
        ("PATCH", {"content_length": "9" * 5000}),
        ("HEAD", {}),
        ("DELETE", {}),
        ("OPTIONS", {}),
    ],
)
async def test_all_else_is_left_as_it_is(method, headers):
    seen = []

    async def application(scope, receive, send):
        seen.append((scope, receive, send))

    sender = Sender(b"")
    pieces = InPieces(application, refused, chunk=500, piece=PIECE, most=MOST)
    await sender.ask(pieces, method, **headers)

    ((scope, receive, send),) = seen
    assert "extensions" not in scope
    assert (receive, send) == (sender.receive, sender.send)
