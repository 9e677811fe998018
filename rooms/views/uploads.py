"""Uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) with its extensions
creation, creation-with-upload, checksum, expiration and termination.

Only who sent a file may continue it, while being a member; to all others there is none.
"""

import base64
import logging
from contextlib import suppress
from functools import wraps

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from chatsite.prompt_thread import promptly
from rooms import actions, partials, throttle
from rooms.access import lasting_browser_of, membership_of
from rooms.chunks import Chunk
from rooms.exceptions import (
    DATABASE_AWAY,
    BeyondLength,
    NoChunk,
    NotAMember,
    OtherVersion,
    Refusal,
    TooBusy,
)
from rooms.limits import FILE_BYTES
from rooms.models import Attachment
from rooms.views import tus
from rooms.views.refusing import refused_response

logger = logging.getLogger(__name__)

NEEDED = ("public_id", "message", "room", "name", "size", "state", "sha256")
NEEDED += ("expires_at", "upload_metadata")


def speaks_tus(view):
    """Refuse and answer as tus has it.

    Whoever may not is answered like somebody who asks for what never was.
    """

    @wraps(view)
    def wrapped(request, public_id, **arguments):
        try:
            if request.method != "OPTIONS":
                tus.refuse_other_version(request)
            response = view(request, public_id, **arguments)
        except (Http404, Attachment.DoesNotExist, NotAMember):
            response = HttpResponse(status=404)
        except Refusal as refusal:
            response = _refused(refusal)
        except DATABASE_AWAY:
            logger.exception("uploads: the database fails")
            response = _refused(TooBusy())
        response["Tus-Resumable"] = tus.VERSION
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def overridable(view):
    """Let a POST say which method it is: some lines let only GET and POST through."""

    @wraps(view)
    def wrapped(request, **arguments):
        if request.method == "POST":
            request.method = request.headers.get("X-HTTP-Method-Override", "POST")
        return view(request, **arguments)

    return wrapped


@overridable
@require_http_methods(["OPTIONS", "POST"])
@speaks_tus
def uploads(request, public_id):
    membership = membership_of(request.session, public_id)
    verbs = {"OPTIONS": _tell_abilities, "POST": _create}
    return verbs[request.method](request, membership)


@overridable
@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
@speaks_tus
def upload(request, public_id, attachment_id):
    own = Attachment.objects.sent_from(lasting_browser_of(request.session))
    rows = own.filter(room__public_id=public_id, public_id=attachment_id)
    attachment = rows.only(*NEEDED).get()
    verbs = {"HEAD": _tell_offset, "PATCH": _receive, "DELETE": _cancel}
    verbs["OPTIONS"] = _tell_abilities
    return verbs[request.method](request, attachment)


def _tell_abilities(request, place):
    response = HttpResponse(status=204)
    response["Tus-Version"] = tus.VERSION
    response["Tus-Extension"] = tus.EXTENSIONS
    response["Tus-Max-Size"] = str(FILE_BYTES)
    response["Tus-Checksum-Algorithm"] = ",".join(tus.ALGORITHMS)
    return response


def _create(request, membership):
    length, metadata = tus.length_of(request), tus.metadata_of(request)
    chunk = tus.chunk_of(request) if tus.has_chunk(request) else Chunk.of()
    sha256 = tus.file_sha256_of(request)
    if len(chunk) > length:
        raise BeyondLength
    throttle.count_post(membership.pk)
    announced = actions.announce_file(metadata.get("filename", ""), length)
    announced.upload_metadata = request.headers.get("Upload-Metadata", "")
    posted = promptly(actions.post_message)(
        membership,
        client_id=tus.client_id_of(metadata),
        body=metadata.get("body", ""),
        announced=[announced],
    )
    attachment = posted.message.attachments.first()
    if attachment is None:
        raise Http404
    attachment.message = posted.message
    offset = partials.offset_of(attachment.public_id)
    if posted.is_new and (chunk or not length):
        with suppress(Refusal):  # the message is there: its sender goes on from HEAD
            offset = actions.receive_chunk(attachment, 0, chunk, sha256=sha256)
    response = _described(HttpResponse(status=201), attachment)
    response["Upload-Offset"] = str(attachment.size if attachment.is_ready else offset)
    response["Location"] = reverse(
        "rooms:upload", args=[membership.room.public_id, attachment.public_id]
    )
    return response


def _tell_offset(request, attachment):
    offset = partials.offset_of(attachment.public_id)
    if attachment.is_ready or offset == attachment.size:
        actions.finish_upload(attachment)
        offset = attachment.size
    response = _described(HttpResponse(), attachment)
    response["Upload-Offset"] = str(offset)
    response["Upload-Length"] = str(attachment.size)
    name = base64.b64encode(attachment.name.encode()).decode()
    response["Upload-Metadata"] = attachment.upload_metadata or f"filename {name}"
    return response


def _receive(request, attachment):
    if not tus.has_chunk(request):
        raise NoChunk
    offset = tus.offset_of(request)
    offset = actions.receive_chunk(
        attachment, offset, tus.chunk_of(request), sha256=tus.file_sha256_of(request)
    )
    response = _described(HttpResponse(status=204), attachment)
    response["Upload-Offset"] = str(offset)
    return response


def _cancel(request, attachment):
    promptly(actions.delete_attachment)(attachment)
    return HttpResponse(status=204)


def _described(response, attachment):
    if attachment.expires_at:
        response["Upload-Expires"] = http_date(attachment.expires_at.timestamp())
    return response


def _refused(refusal):
    response = refused_response(refusal)
    if isinstance(refusal, OtherVersion):
        response["Tus-Version"] = tus.VERSION
    return response
