"""Uploads whose rest comes in one request, handed on in pieces.

Clients of tus may send all that is left of a file in one PATCH, and some do nothing
else unless they are told. Django takes the body of a request as a whole. So a long body
becomes requests with a piece each, as its sender might have made them: while one is
stored the next comes, a cut costs no more than a piece, and whether the sender is a
member yet is asked with each.
"""

import asyncio
import io
from typing import NamedTuple

READ_BYTES = 64 * 1024  # what servers read at once, mostly
ALL_BYTES = 32 * 1024 * 1024  # of the pieces that are gathered at a time, about
GATHER_SECONDS = 1.0  # then what has come is handed on
OF_THE_WHOLE = {b"content-length", b"expect", b"transfer-encoding"}
OF_THE_FIRST = {b"upload-length", b"upload-metadata", b"upload-offset"}


class InPieces:
    """ASGI middleware for tus. Bodies of up to `piece` bytes stay whole; so do those
    with a checksum and those over `most` bytes, for `application` to refuse."""

    def __init__(self, application, *, piece, most):
        self.application = application
        self.piece = piece
        self.most_now = most  # how long a body may be
        self._senders = 0  # of long bodies, now

    async def __call__(self, scope, receive, send):
        if not self._is_for_pieces(scope["method"], dict(scope["headers"])):
            return await self.application(scope, receive, send)
        self._senders += 1
        try:
            answer = await self._take(scope, Body(receive))
        finally:
            self._senders -= 1
        if answer:
            start = {"status": answer.status, "headers": answer.headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": answer.body})

    def _is_for_pieces(self, method, headers):
        if method not in {"PATCH", "POST"} or b"upload-checksum" in headers:
            return False
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or len(length) > 19:
            return not length  # it comes without being told
        return self.piece < int(length) <= self.most_now

    async def _take(self, scope, body):
        """Hand on pieces until the end, or until one is not stored.

        Returns the answer to all of it, or None when its sender has gone.
        """
        created = last = None
        while not (last and body.is_over):
            piece = await body.gather(self._piece_now())
            if last and not piece:
                break
            answer = await self._ask(scope, piece)
            if created and answer.offset is None:
                break  # made it is: its sender will ask how much of it is there
            last = answer
            if answer.location:
                created = answer
            if answer.offset != offset_before(scope) + len(piece):
                break
            scope = following(scope, answer)
        if body.is_cut:
            return None
        answer = created.at(last.offset) if created else last
        return answer if body.is_over else answer.closing()

    def _piece_now(self):
        """Smaller pieces while there are very many senders."""
        return min(self.piece, max(ALL_BYTES // self._senders, READ_BYTES))

    async def _ask(self, scope, piece):
        headers = [pair for pair in scope["headers"] if pair[0] not in OF_THE_WHOLE]
        headers.append((b"content-length", b"%d" % len(piece)))
        file = {"http.request.file": io.BytesIO(piece)}
        extensions = scope.get("extensions", {}) | file
        told = []

        async def receive():
            return {"type": "http.request", "body": piece, "more_body": False}

        async def send(event):
            told.append(event)

        scope = scope | {"headers": headers, "extensions": extensions}
        await self.application(scope, receive, send)
        content = b"".join(event.get("body", b"") for event in told)
        return Answer(told[0]["status"], list(told[0]["headers"]), content)


class Body:
    """A request's body while it comes."""

    def __init__(self, receive):
        self._receive = receive
        self._rest = b""
        self._has_ended = False
        self.is_cut = False  # by its sender, or on the way

    @property
    def is_over(self):
        """Whether nothing more comes."""
        return self._has_ended and not self._rest

    async def gather(self, most):
        """Return the next bytes: nearly `most`, or those of a second, or the last."""
        parts, size = [self._rest], len(self._rest)
        until = None
        enough = max(most - READ_BYTES, 1)
        while size < enough and not self._has_ended:
            try:
                async with asyncio.timeout_at(until):
                    event = await self._receive()
            except TimeoutError:
                break
            data = event.get("body", b"")
            parts.append(data)
            size += len(data)
            self.is_cut = event["type"] == "http.disconnect"
            self._has_ended = self.is_cut or not event.get("more_body")
            if size and not until:
                until = asyncio.get_running_loop().time() + GATHER_SECONDS
        gathered = b"".join(parts)
        self._rest = gathered[most:]
        return gathered[:most]


class Answer(NamedTuple):
    """What the application answered to one piece."""

    status: int
    headers: list
    body: bytes

    @property
    def offset(self):
        """How many bytes of the file are there, when the piece was taken."""
        told = self._field(b"upload-offset")
        return int(told) if self.status in {201, 204} and told else None

    @property
    def location(self):
        return self._field(b"location").decode()

    def at(self, offset):
        """Return the same, told of a later offset."""
        kept = [pair for pair in self.headers if pair[0].lower() != b"upload-offset"]
        return self._replace(headers=[*kept, (b"Upload-Offset", b"%d" % offset)])

    def closing(self):
        """Return the same for somebody who has not sent everything yet."""
        return self._replace(headers=[*self.headers, (b"Connection", b"close")])

    def _field(self, name):
        return next((v for n, v in self.headers if n.lower() == name), b"")


def offset_before(scope):
    """Return where a piece begins, as its request says."""
    told = dict(scope["headers"]).get(b"upload-offset", b"0")
    return int(told) if told.isdigit() else -1


def following(scope, answer):
    """Return the request for the piece after the one that had this answer."""
    headers = [pair for pair in scope["headers"] if pair[0] not in OF_THE_FIRST]
    headers.append((b"upload-offset", b"%d" % answer.offset))
    scope = scope | {"headers": headers}
    if path := answer.location:
        scope |= {"method": "PATCH", "path": path, "raw_path": path.encode()}
    return scope
