"""Several files as one zip, made while it is sent: nothing of it is kept."""

from collections import Counter
from contextlib import aclosing
from pathlib import PurePosixPath
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from zipstream import ZipStream

from rooms.access import browser_of, membership_of
from rooms.exceptions import TooManyTicked
from rooms.limits import ZIP_FILES, ZIP_TICKS
from rooms.models import Attachment
from rooms.texts import clean_file_name
from rooms.views.files import SANDBOX
from rooms.views.receipts import note_receipt
from rooms.views.streaming import ahead, pieces


@never_cache
@require_safe
async def zip_files(request, public_id):
    """The room's ready files that `?file=` names, or all of them."""
    try:
        ticked = ticked_in(request.META["QUERY_STRING"])
    except TooManyTicked as refusal:
        messages.error(request, refusal.sentence)
        return redirect("rooms:shelf", public_id)
    found = await sync_to_async(find)(request, public_id, ticked)
    if found is None:
        return redirect("rooms:welcome")
    membership, files = found
    sources = [contents(file) for file in files]
    archive = ZipStream(sized=True)  # stored as they are: most are packed already
    names = different(file.name for file in files)
    for file, source, name in zip(files, sources, names, strict=True):
        archive.add(source, name, size=file.size)
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(sent(archive, sources, files, membership))
    response["Content-Type"] = "application/zip"
    response["Content-Length"] = str(len(archive))
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=clean_file_name(f"{membership.room.name}.zip")
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response


def ticked_in(query):
    """Return the ids that an address asks for; Django's own limit is that of forms."""
    try:
        return parse_qs(query, max_num_fields=ZIP_TICKS).get("file", [])
    except ValueError as too_many:
        raise TooManyTicked(most=ZIP_TICKS) from too_many


def find(request, public_id, ticked):
    if browser_of(request.session) is None:
        return None
    membership = membership_of(request.session, public_id)
    files = Attachment.objects.visible_to(membership).ready()
    if ticked:
        files = files.filter(public_id__in=ticked)
    newest = list(files.order_by("-pk")[:ZIP_FILES])[::-1]
    if not newest:
        raise Http404
    return membership, newest


def contents(attachment):
    """Read a file once it is its turn: only one of a zip is open at a time."""
    yield from pieces(attachment.file.open(), 0, attachment.size)


def different(names):
    """Yield each name, changed where it was there before: a.txt, then a (2).txt."""
    used, counts = set(), Counter()
    for name in names:
        path, free = PurePosixPath(name), name
        while free.casefold() in used:
            counts[name.casefold()] += 1
            free = f"{path.stem} ({counts[name.casefold()] + 1}){path.suffix}"
        used.add(free.casefold())
        yield free


async def sent(archive, sources, files, membership):
    async with aclosing(ahead(closing(archive, sources))) as chunks:
        async for chunk in chunks:
            yield chunk
    await note_receipt(membership, *files)


def closing(archive, sources):
    """Yield the archive; whatever of its files is open is closed at the end."""
    try:
        yield from archive
    finally:
        for source in sources:
            source.close()
