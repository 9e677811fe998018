"""Downloads: members only, in bounded memory, with single ranges (RFC 9110)."""

from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from rooms.views.finding import file_required
from rooms.views.ranges import (
    Span,
    UnsatisfiableRange,
    completes,
    has_the_same,
    wanted_span,
)
from rooms.views.receipts import note_receipt
from rooms.views.streaming import ahead, pieces

SANDBOX = "default-src 'none'; sandbox"


@require_safe
@file_required
async def download(request, membership, attachment):
    tag = f'"{attachment.sha256}"'
    if has_the_same(request, tag):
        return described(HttpResponseNotModified(), attachment, tag)
    try:
        span = wanted_span(request, tag, attachment.size)
    except UnsatisfiableRange:
        content_range = {"Content-Range": f"bytes */{attachment.size}"}
        return HttpResponse(status=416, headers=content_range)
    if handed_over := hand_over(request, attachment):
        if completes(request, span):
            await note_receipt(membership, attachment)
        return described(handed_over, attachment, tag)
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        receiver = membership if completes(request, span) else None
        response = await streamed(attachment, span, receiver)
    response["Accept-Ranges"] = "bytes"
    start, end, _size = span or (0, attachment.size, attachment.size)
    response["Content-Length"] = str(end - start)
    if span:
        response.status_code = 206
        response["Content-Range"] = span.header
    return described(response, attachment, tag)


def hand_over(request, attachment):
    """Return a response that has somebody else send the bytes; None: we do."""
    if settings.S3_BUCKET and request.method == "GET":  # as the address is signed
        return HttpResponseRedirect(signed_address(attachment))
    # nginx does not know our entity tags: what goes on with If-Range would start over.
    if settings.ACCEL_REDIRECT_URL and "If-Range" not in request.headers:
        address = settings.ACCEL_REDIRECT_URL + attachment.file.name
        return HttpResponse(headers={"X-Accel-Redirect": address})
    return None


def signed_address(attachment):
    """Return where the storage gives these bytes, for some seconds, to who asks."""
    return default_storage.url(
        attachment.file.name,
        parameters={
            "ResponseContentType": attachment.served_type,
            "ResponseContentDisposition": disposition_of(attachment),
            "ResponseCacheControl": "private, no-store",
        },
    )


def disposition_of(attachment):
    return content_disposition_header(as_attachment=True, filename=attachment.name)


def described(response, attachment, tag):
    """Give the headers that every answer about a file has: none of it ever runs."""
    response["Content-Type"] = attachment.served_type
    response["Content-Disposition"] = disposition_of(attachment)
    response["Cache-Control"] = "private, no-store"
    return secured(response, tag)


def secured(response, tag):
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["ETag"] = tag
    return response


async def streamed(attachment, span, receiver):
    """Return a response of these bytes; after the last, `receiver` has the file."""
    try:
        file = await sync_to_async(attachment.file.open, thread_sensitive=False)()
    except FileNotFoundError as gone:
        raise Http404 from gone
    span = span or Span(0, attachment.size, attachment.size)
    return StreamingHttpResponse(sent(file, span, attachment, receiver))


async def sent(file, span, attachment, receiver):
    left = span.end - span.start
    async with aclosing(ahead(pieces(file, span.start, span.end))) as chunks:
        async for chunk in chunks:
            left -= len(chunk)
            yield chunk
    if receiver and not left:
        await note_receipt(receiver, attachment)
