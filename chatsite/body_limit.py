"""ASGI middleware that refuses request bodies that are too long before Django reads
them: Django itself spools a body of any length to disk before any view is asked."""

import json
import math

from django.utils.translation import gettext as _
from django.utils.translation import override

MIB = 1024 * 1024


class BodyTooLarge(Exception):
    """Raised from `receive` once more bytes came than allowed."""


class BodyLimit:
    """Answers 413 to requests whose body is over `most` bytes, declared or sent; 507 to
    those that are over `room()` bytes, which is what the disk takes now.

    `files` is what of it may be files, in bytes, as people are told; `full()` returns
    the sentence of a 507.
    """

    def __init__(self, application, *, most, files, room=lambda: math.inf, full=str):
        self.application = application
        self.most = most
        self.files = files
        self.room = room
        self.full = full

    @property
    def most_now(self):
        """How long a body may be now."""
        return min(self.most, self.room())

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.application(scope, receive, send)
        declared = self._declared(scope)
        if declared > self.most:
            return await self._refuse(scope, send, 413, self.refusal)
        if declared > self.room():
            return await self._refuse(scope, send, 507, self.refusal_of_full_disk)
        try:
            await self.application(scope, self._counted(receive), send)
        except BodyTooLarge:
            await self._refuse(scope, send, 413, self.refusal)

    def _declared(self, scope):
        lengths = [v for k, v in scope["headers"] if k == b"content-length"]
        if not lengths or not lengths[0].isdigit():
            return 0
        return int(lengths[0]) if len(lengths[0]) < 20 else math.inf

    def _counted(self, receive):
        seen = 0

        async def counted():
            nonlocal seen
            event = await receive()
            seen += len(event.get("body", b""))
            if seen > self.most:
                raise BodyTooLarge
            return event

        return counted

    async def _refuse(self, scope, send, status, refusal):
        accepted = dict(scope["headers"]).get(b"accept-language", b"")
        with override("id" if accepted.lower().startswith(b"id") else "en"):
            headers, text = refusal()
        body = text.encode()
        headers += [(b"x-content-type-options", b"nosniff"), (b"connection", b"close")]
        headers += [(b"content-length", b"%d" % len(body))]
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def refusal(self):
        """Return the headers and the text of the answer, in the reader's language."""
        text = _("That is too large: one message may carry %(most)d MiB of files.")
        return plain_text(), text % {"most": self.files // MIB}

    def refusal_of_full_disk(self):
        return [*plain_text(), (b"retry-after", b"60")], self.full()


def plain_text():
    return [(b"content-type", b"text/plain; charset=utf-8")]


class ChunkLimit(BodyLimit):
    """The same for the requests of uploads, which carry a part of a file each.

    `refusal` is a function that returns the answer as its JSON fields.
    """

    def __init__(self, application, *, most, refusal):
        super().__init__(application, most=most, files=most)
        self.fields = refusal

    def refusal(self):
        headers = [(b"content-type", b"application/json"), (b"tus-resumable", b"1.0.0")]
        return headers, json.dumps(self.fields())
