"""Uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) with its extensions
creation, creation-with-upload, checksum, expiration and termination.

Only who sent a file may continue it, while being a member; to all others there is none.
"""

import base64
import hashlib
import logging
import uuid
from contextlib import suppress
from functools import wraps

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from rooms import actions, partials, throttle
from rooms.access import lasting_browser_of, membership_of
from rooms.exceptions import (
    BadClientId,
    BadUpload,
    BeyondLength,
    ChunkTooLarge,
    NoChunk,
    NoLength,
    NotAMember,
    OtherVersion,
    Refusal,
    TooBusy,
    WrongChecksum,
)
from rooms.limits import FILE_BYTES, UPLOAD_CHUNK_BYTES
from rooms.models import Attachment

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHUNK_TYPE = "application/offset+octet-stream"
ALGORITHMS = {"sha256": 32, "sha1": 20}  # bytes of a digest
NEEDED = ("public_id", "message", "room", "name", "size", "state", "sha256")
NEEDED += ("expires_at",)
LENGTH_DIGITS = 19  # of 2**63


def speaks_tus(view):
    """Refuse and answer as tus has it.

    Whoever may not is answered like somebody who asks for what never was.
    """

    @wraps(view)
    def wrapped(request, public_id, **arguments):
        try:
            if request.method != "OPTIONS":
                _refuse_other_version(request)
            response = view(request, public_id, **arguments)
        except (Http404, Attachment.DoesNotExist, NotAMember):
            response = HttpResponse(status=404)
        except Refusal as refusal:
            response = _refused(refusal)
        except DATABASE_AWAY:
            logger.exception("uploads: the database fails")
            response = _refused(TooBusy())
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


@require_http_methods(["OPTIONS", "POST"])
@speaks_tus
def uploads(request, public_id):
    membership = membership_of(request.session, public_id)
    verbs = {"OPTIONS": _tell_abilities, "POST": _create}
    return verbs[request.method](request, membership)


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
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(FILE_BYTES)
    response["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response


def _create(request, membership):
    length, metadata = _length_of(request), _metadata_of(request)
    chunk = _chunk_of(request) if _has_body(request) else b""
    sha256 = _file_sha256_of(request)
    if len(chunk) > length:
        raise BeyondLength
    throttle.count_post(membership.pk)
    posted = actions.post_message(
        membership,
        client_id=_client_id_of(metadata),
        body=metadata.get("body", ""),
        announced=[actions.announce_file(metadata.get("filename", ""), length)],
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
    response["Upload-Metadata"] = f"filename {name}"
    return response


def _receive(request, attachment):
    if request.content_type != CHUNK_TYPE:
        raise NoChunk
    offset = _number(request.headers.get("Upload-Offset", ""))
    offset = actions.receive_chunk(
        attachment, offset, _chunk_of(request), sha256=_file_sha256_of(request)
    )
    response = _described(HttpResponse(status=204), attachment)
    response["Upload-Offset"] = str(offset)
    return response


def _cancel(request, attachment):
    actions.delete_attachment(attachment)
    return HttpResponse(status=204)


def _described(response, attachment):
    if attachment.expires_at:
        response["Upload-Expires"] = http_date(attachment.expires_at.timestamp())
    return response


def _refused(refusal):
    response = JsonResponse(refusal.fields, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, OtherVersion):
        response["Tus-Version"] = VERSION
    return response


# Reading headers and bodies


def _refuse_other_version(request):
    if request.headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion


def _length_of(request):
    if "Upload-Defer-Length" in request.headers:
        raise BadUpload
    if "Upload-Length" not in request.headers:
        raise NoLength
    return _number(request.headers["Upload-Length"])


def _number(text):
    if not (text.isascii() and text.isdigit() and len(text) <= LENGTH_DIGITS):
        raise BadUpload
    if (number := int(text)) >= 2**63:
        raise BadUpload
    return number


def _metadata_of(request):
    """Return the pairs of Upload-Metadata: "name base64, name base64 …"."""
    pairs = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode()
        except ValueError as mistake:
            raise BadUpload from mistake
    return pairs


def _client_id_of(metadata):
    if "client_id" not in metadata:
        return uuid.uuid4()
    try:
        return uuid.UUID(metadata["client_id"])
    except ValueError as mistake:
        raise BadClientId from mistake


def _has_body(request):
    return request.content_type == CHUNK_TYPE


def _chunk_of(request):
    """Return the request's body, which is what its sender wanted to send."""
    chunk = request.read(UPLOAD_CHUNK_BYTES + 1)
    if len(chunk) > UPLOAD_CHUNK_BYTES:
        raise ChunkTooLarge(most=UPLOAD_CHUNK_BYTES // 1024)
    if header := request.headers.get("Upload-Checksum"):
        algorithm, digest = _checksum(header)
        if hashlib.new(algorithm, chunk, usedforsecurity=False).digest() != digest:
            raise WrongChecksum
    return chunk


def _file_sha256_of(request):
    """Return the SHA-256 of the whole file as hexadecimal, "" when it is not told."""
    if not (header := request.headers.get("Upload-File-Checksum")):
        return ""
    algorithm, digest = _checksum(header)
    if algorithm != "sha256":
        raise BadUpload
    return digest.hex()


def _checksum(header):
    """Return (algorithm, digest) of "algorithm base64"."""
    algorithm, _space, text = header.partition(" ")
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError as mistake:
        raise BadUpload from mistake
    if len(digest) != ALGORITHMS.get(algorithm):
        raise BadUpload
    return algorithm, digest
