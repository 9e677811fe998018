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
ALL_BYTES = 32 * 1024 * 1024  # of all that were read; beyond, they are of READ_BYTES
GATHER_SECONDS = 1.0  # then what has come is handed on
MOST_DIGITS = 19  # of 2**63
CREATED, NO_CONTENT = 201, 204
EMPTIED = {422, 460}  # infected, or not what its checksum says
OF_THE_WHOLE = {b"content-length", b"expect", b"transfer-encoding"}
OF_THE_FIRST = {b"upload-length", b"upload-metadata", b"upload-offset"}


class InPieces:
    """ASGI middleware for tus: `pieces` takes long bodies, `piece` bytes at a time.

    `application` takes the others, as they are: bodies of up to `chunk` bytes, and what
    it shall refuse: longer ones with a checksum, and any over `most` bytes.
    """

    def __init__(self, application, pieces, *, chunk, piece, most):
        self.application, self.pieces = application, pieces
        self.chunk, self.piece = chunk, piece
        self.most_now = most  # how long a body may be
        self._held = 0  # bytes of all pieces, now

    async def __call__(self, scope, receive, send):
        if not self._is_for_pieces(scope["method"], dict(scope["headers"])):
            return await self.application(scope, receive, send)
        unread = scope.get("extensions", {}).get("http.request.unread")
        if answer := await self._take(scope, Body(receive, unread)):
            start = {"status": answer.status, "headers": answer.headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": answer.body})

    def _is_for_pieces(self, method, headers):
        if method not in {"PATCH", "POST"} or b"upload-checksum" in headers:
            return False
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or len(length) > MOST_DIGITS:
            return not length  # it comes without being told
        return self.chunk < int(length) <= self.most_now

    async def _take(self, scope, body):
        """Hand on pieces until the end, or until one is not stored.

        Returns the answer to all of it, or None when its sender has gone.
        """
        created = last = None
        try:
            while not (last and body.is_over):
                answer, size = await self._hand_on(scope, body, is_first=not last)
                if answer is None:
                    break
                if created and answer.offset is None and answer.status not in EMPTIED:
                    break  # made it is: its sender will ask how much of it is there
                last = answer
                if answer.status == CREATED:
                    created = answer
                if answer.offset != offset_before(scope) + size:
                    break
                scope = following(scope, answer)
        finally:
            self._held -= body.size
        if body.is_cut:
            return None
        is_there = created and last.offset is not None
        answer = created.at(last.offset) if is_there else last
        return answer if body.is_over else answer.closing()

    async def _hand_on(self, scope, body, *, is_first):
        """Return the answer to the next piece, if there is one, and the piece's size;
        the piece itself is forgotten before the next is waited for."""
        is_new = b"upload-offset" not in dict(scope["headers"])
        if piece := await body.come(self.piece):
            if is_new and body.is_cut:
                return None, 0  # nothing is made for who would never hear of it
            return await self._ask(scope, piece, piece.size), piece.size
        data = await self._gather(body)
        if (body.is_cut and is_new) or not (data or is_first):
            self._held -= len(data)
            return None, 0
        try:
            with io.BytesIO(data) as piece:  # closed: requests live on for long
                return await self._ask(scope, piece, len(data)), len(data)
        finally:
            self._held -= len(data)

    async def _gather(self, body):
        """Return the next piece: nearly a whole one, or what came of it in a second, or
        little while all together are many, or the last."""
        enough, until = max(self.piece - READ_BYTES, 1), None
        while body.size < enough and not body.has_ended:
            if body.size and self._held > ALL_BYTES:
                break
            try:
                async with asyncio.timeout_at(until):
                    came = await body.read()
            except TimeoutError:
                break
            self._held += came  # not before: others change it meanwhile
            if body.size and not until:
                until = asyncio.get_running_loop().time() + GATHER_SECONDS
        return body.take(self.piece)

    async def _ask(self, scope, piece, size):
        """Return the answer to a piece, which is a file of so many bytes."""
        headers = [pair for pair in scope["headers"] if pair[0] not in OF_THE_WHOLE]
        headers.append((b"content-length", b"%d" % size))
        told = []

        async def send(event):
            told.append(event)

        extensions = scope.get("extensions", {}) | {"http.request.piece": piece}
        scope = scope | {"headers": headers, "extensions": extensions}
        await self.pieces(scope, None, send)
        content = b"".join(event.get("body", b"") for event in told)
        return Answer(told[0]["status"], list(told[0]["headers"]), content)


class Body:
    """A request's body while it comes."""

    def __init__(self, receive, unread=None):
        self._receive = receive
        self._unread = unread  # the extension of servers that can leave it unread
        self._parts = []
        self.size = 0  # bytes that have come and were not taken
        self.has_ended = False
        self.is_cut = False  # by its sender, or on the way

    @property
    def is_over(self):
        """Whether there is nothing more to take."""
        return self.has_ended and not self.size

    async def come(self, most):
        """Return the next `most` bytes or less as a file of that `size`, unread; None
        where they must be read, or at the end."""
        piece = self._unread and await self._unread.come(most)
        self.is_cut = bool(piece) and self._unread.is_cut
        return piece

    async def read(self):
        """Wait for what comes next; return how many bytes that is."""
        event = await self._receive()
        data = event.get("body", b"")
        self._parts.append(data)
        self.size += len(data)
        self.is_cut = event["type"] == "http.disconnect"
        self.has_ended = self.is_cut or not event.get("more_body")
        return len(data)

    def take(self, most):
        """Return what has come, but not over `most` bytes."""
        data = b"".join(self._parts)
        self._parts = [data[most:]]
        self.size = len(self._parts[0])
        return data[:most]


class Answer(NamedTuple):
    """What the application answered to one piece."""

    status: int
    headers: list
    body: bytes

    @property
    def offset(self):
        """How many bytes of the file are there, when the piece was taken."""
        told = self._field(b"upload-offset")
        return int(told) if self.status in {CREATED, NO_CONTENT} and told else None

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
    return int(told) if told.isdigit() and len(told) <= MOST_DIGITS else -1


def following(scope, answer):
    """Return the request for the piece after the one that had this answer."""
    headers = [pair for pair in scope["headers"] if pair[0] not in OF_THE_FIRST]
    headers.append((b"upload-offset", b"%d" % answer.offset))
    scope = scope | {"headers": headers}
    if answer.status == CREATED:
        path = answer.location
        scope |= {"method": "PATCH", "path": path, "raw_path": path.encode()}
    return scope
