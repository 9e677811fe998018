"""What requests of tus 1.0 say in their headers and bodies; refusals of what makes no
sense."""

import base64
import hashlib
import io
import uuid

from rooms.chunks import Chunk, parts_of
from rooms.exceptions import (
    BadClientId,
    BadUpload,
    ChunkTooLarge,
    NoLength,
    OtherVersion,
    WrongChecksum,
)
from rooms.limits import UPLOAD_CHUNK_BYTES, UPLOAD_PIECE_BYTES

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHUNK_TYPE = "application/offset+octet-stream"
ALGORITHMS = {"sha256": 32, "sha1": 20}  # bytes of a digest
LENGTH_DIGITS = 19  # of 2**63


def refuse_other_version(request):
    if request.headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion


def length_of(request):
    if "Upload-Defer-Length" in request.headers:
        raise BadUpload
    if "Upload-Length" not in request.headers:
        raise NoLength
    return _number(request.headers["Upload-Length"])


def offset_of(request):
    return _number(request.headers.get("Upload-Offset", ""))


def _number(text):
    if not (text.isascii() and text.isdigit() and len(text) <= LENGTH_DIGITS):
        raise BadUpload
    if (number := int(text)) >= 2**63:
        raise BadUpload
    return number


def metadata_of(request):
    """Return the pairs of Upload-Metadata: "name base64, name base64 …"."""
    header = request.headers.get("Upload-Metadata", "")
    if not header.isascii():
        raise BadUpload
    pairs = {}
    for pair in header.split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode()
        except ValueError as mistake:
            raise BadUpload from mistake
    return pairs


def client_id_of(metadata):
    if "client_id" not in metadata:
        return uuid.uuid4()
    try:
        return uuid.UUID(metadata["client_id"])
    except ValueError as mistake:
        raise BadClientId from mistake


def has_chunk(request):
    return request.content_type == CHUNK_TYPE


def chunk_of(request):
    """Return the request's body as a `Chunk`: still to be read, unless it has to be
    compared with its checksum before."""
    header = request.headers.get("Upload-Checksum")
    most = UPLOAD_CHUNK_BYTES if header else UPLOAD_PIECE_BYTES
    size, file = request.META.get("CONTENT_LENGTH"), request
    if size:
        size = _number(size)
    else:  # it came without being told
        file = io.BytesIO(request.read(most + 1))
        size = file.getbuffer().nbytes
    if size > most:
        raise ChunkTooLarge(most=most // 1024)
    if not header:
        return Chunk.coming(size, file)
    return _verified(list(parts_of(file, size)), header)


def _verified(parts, header):
    algorithm, expected = _checksum(header)
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for part in parts:
        digest.update(part)
    if digest.digest() != expected:
        raise WrongChecksum
    return Chunk.of(*parts)


def file_sha256_of(request):
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
