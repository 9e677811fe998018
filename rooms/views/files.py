"""Downloads: members only, in bounded memory, with single ranges (RFC 9110)."""

import re

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from rooms.access import browser_of, membership_of
from rooms.limits import DOWNLOAD_CHUNK_BYTES
from rooms.models import Attachment

SINGLE_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})")
SANDBOX = "default-src 'none'; sandbox"


class UnsatisfiableRange(Exception):
    """The range starts behind the end of the file."""


@require_safe
async def download(request, public_id, attachment_id):
    attachment = await sync_to_async(_find)(request, public_id, attachment_id)
    if attachment is None:
        return redirect("rooms:welcome")
    if settings.ACCEL_REDIRECT_URL:
        response = HttpResponse()
        response["X-Accel-Redirect"] = (
            settings.ACCEL_REDIRECT_URL + attachment.file.name
        )
        return _described(response, attachment)
    try:
        span = _wanted(request, attachment)
    except UnsatisfiableRange:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{attachment.size}"
        return response
    return await _streamed(request, attachment, span)


def _find(request, public_id, attachment_id):
    if browser_of(request.session) is None:
        return None
    membership = membership_of(request.session, public_id)
    rows = Attachment.objects.filter(room=membership.room, public_id=attachment_id)
    attachment = rows.first()
    if attachment is None:
        raise Http404
    return attachment


def _described(response, attachment):
    response["Content-Type"] = attachment.served_type
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=attachment.name
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["ETag"] = f'"{attachment.sha256}"'
    return response


def _wanted(request, attachment):
    """Return the (start, end) asked for, end not included; None for the whole file."""
    if request.method != "GET":
        return None
    asked = SINGLE_RANGE.fullmatch(request.headers.get("Range", ""))
    if_range = request.headers.get("If-Range")
    if asked is None or (if_range and if_range != f'"{attachment.sha256}"'):
        return None
    return parse_range(asked[1], asked[2], attachment.size)


def parse_range(first, last, size):
    """Return (start, end) of `bytes=first-last` in a file of `size` bytes.

    None when the range is malformed and so ignored. Raises UnsatisfiableRange.
    Source: RFC 9110, 14.1.2.
    """
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise UnsatisfiableRange
    return start, end


async def _streamed(request, attachment, span):
    start, end = span or (0, attachment.size)
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        try:
            file = await sync_to_async(attachment.file.open, thread_sensitive=False)()
        except FileNotFoundError as gone:
            raise Http404 from gone
        response = StreamingHttpResponse(_chunks(file, start, end))
    _described(response, attachment)
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(end - start)
    if span:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{attachment.size}"
    return response


async def _chunks(file, start, end):
    """Read in threads, a chunk at a time; an iterator that Django reads as it sends."""
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        await sync_to_async(file.seek, thread_sensitive=False)(start)
        while start < end:
            chunk = await read(min(DOWNLOAD_CHUNK_BYTES, end - start))
            if not chunk:
                return
            start += len(chunk)
            yield chunk
    finally:
        await sync_to_async(file.close, thread_sensitive=False)()
