"""Requests that are too long end before Django reads them."""

import pytest

from chatsite.body_limit import BodyLimit

MOST = 1000


class Browser:
    """Sends a request body in pieces, and keeps the answer."""

    def __init__(self, *pieces, **headers):
        self.pieces = list(pieces)
        self.headers = [(n.replace("_", "-").encode(), v) for n, v in headers.items()]
        self.sent = []

    async def receive(self):
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, event):
        self.sent.append(event)

    async def ask(self, read, room=MOST):
        async def application(scope, receive, send):
            more = True
            while more:
                event = await receive()
                read.append(event["body"])
                more = event["more_body"]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"fine"})

        scope = {"type": "http", "headers": self.headers}
        limited = BodyLimit(
            application,
            most=MOST,
            files=MOST,
            room=lambda: room,
            full=lambda: "The disk is full.",
        )
        await limited(scope, self.receive, self.send)
        return self.sent[0]["status"], self.sent[-1]["body"]


async def test_what_fits_is_read():
    read = []

    answer = await Browser(b"x" * 600, b"x" * 400).ask(read)

    assert (answer, len(b"".join(read))) == ((200, b"fine"), MOST)


@pytest.mark.parametrize("length", [b"1001", b"9" * 30, b"9" * 5000])
async def test_what_says_it_is_too_long_is_not_read(length):
    read = []

    status, _text = await Browser(b"x", content_length=length).ask(read)

    assert (status, read) == (413, [])


async def test_what_the_disk_does_not_take_is_not_read():
    read = []

    status, text = await Browser(b"x", content_length=b"901").ask(read, room=900)

    assert (status, text, read) == (507, b"The disk is full.", [])


@pytest.mark.parametrize("length", [b"1", b"-1", b"x", None])
async def test_what_turns_out_too_long_is_cut(length):
    read, headers = [], {"content_length": length} if length else {}

    status, _text = await Browser(b"x" * 600, b"x" * 600, **headers).ask(read)

    assert (status, len(b"".join(read))) == (413, 600)


@pytest.mark.parametrize(
    ("accepted", "words"),
    [
        (b"id-ID,id;q=0.9", b"Terlalu besar"),
        (b"en", b"That is too large"),
        (b"\xff", b"That is too large"),
    ],
)
async def test_the_refusal_is_in_the_readers_language(accepted, words):
    browser = Browser(content_length=b"9999", accept_language=accepted)

    _status, text = await browser.ask([])

    assert text.count(words) == 1
    headers = dict(browser.sent[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
