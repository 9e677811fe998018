"""Django in one thread for each request, for addresses that are asked very often.

Django's own ASGI handler enters a thread for every middleware and opens a database
connection for every request: dearer than storing the megabyte that an upload's request
brings. The same middleware runs here, one after another in one thread that keeps its
connection.
"""

import asyncio
import io
import tempfile

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import connections
from django.utils.module_loading import import_string

from chatsite.nice_threads import nice_threads

IN_MEMORY_BYTES = 64 * 1024


class OneThread(ASGIHandler):
    """An ASGI application for bodies of at most a few MiB and answers without streams.

    Of bodies only as many are in memory as there are `threads`; the others are files,
    or wait unread. These extensions say where a body is: `http.request.file`, a file
    that is closed when its sender leaves; `http.request.piece`, a file that nobody
    closes, of what the request's head promises (less when its sender leaves);
    `http.request.unread`, which gives such pieces as they come.
    """

    def __init__(self, *, threads):
        super().__init__()
        self._threads = nice_threads(threads, "request")

    def load_middleware(self, is_async=False):
        self._view_middleware = []
        handler = convert_exception_to_response(self._get_response)
        for path in reversed(settings.MIDDLEWARE):
            middleware = import_string(path)
            if not getattr(middleware, "sync_capable", True):
                continue  # static files, which are not asked for here
            handler = middleware(handler)
            if hasattr(handler, "process_view"):
                self._view_middleware.insert(0, handler.process_view)
            handler = convert_exception_to_response(handler)
        self._template_response_middleware = self._exception_middleware = ()
        self._middleware_chain = handler

    async def __call__(self, scope, receive, send):
        if (body := await body_of(scope, receive)) is None:
            return
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._answer, scope, body)
        if answer:
            start, content = answer
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": content})

    def _answer(self, scope, body):
        if body is scope.get("extensions", {}).get("http.request.file"):
            try:
                body = io.BytesIO(body.read())
            except ValueError:  # closed: its sender has gone
                return None
        try:
            request, response = self.create_request(scope, body)
            response = response or self.get_response(request)
            throw_away(body)
            for close in response._resource_closers:
                close()
            return start_of(response), response.content
        finally:
            let_go_of_connections()


def start_of(response):
    headers = [*response.items()]
    headers += [("Set-Cookie", c.OutputString()) for c in response.cookies.values()]
    if not response.has_header("Content-Length") and response.status_code != 204:
        headers.append(("Content-Length", str(len(response.content))))
    encoded = [(k.encode("ascii"), v.encode("latin1")) for k, v in headers]
    return {"status": response.status_code, "headers": encoded}


def let_go_of_connections():
    """Give pooled connections back; keep SQLite's, which are dear to open, while they
    work."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred or connection.vendor != "sqlite":
            connection.close()


def throw_away(body):
    """Read what nobody wanted, so that the connection is good for another request."""
    while not body.closed and body.read(IN_MEMORY_BYTES):
        pass


async def body_of(scope, receive):
    """Return a request's body as a file, or None when its sender has gone."""
    extensions = scope.get("extensions", {})
    for name in ("http.request.piece", "http.request.file"):
        if name in extensions:
            return extensions[name]
    if unread := extensions.get("http.request.unread"):
        length = int(dict(scope["headers"])[b"content-length"])
        piece = await unread.come(length)
        if piece and piece.size == length:
            return piece
    return await spooled(receive)


async def spooled(receive):
    """Return a request's body as a file, or None when its sender has gone."""
    body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - its reader closes it
        IN_MEMORY_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            body.close()
            return None
        body.write(event.get("body", b""))
        if not event.get("more_body"):
            body.seek(0)
            return body
