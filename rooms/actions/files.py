"""The bytes of files: into the storage before the transaction, out of it after."""

import hashlib
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from rooms import partials, scanning
from rooms.content_types import content_type_of
from rooms.exceptions import StorageFull
from rooms.limits import UPLOAD_SECONDS
from rooms.models import Attachment
from rooms.texts import clean_file_name


def store_upload(upload, place=0):
    """Write an uploaded file's bytes under a random name.

    Returns an unsaved Attachment that knows its size in bytes and SHA-256. Raises
    StorageFull when the storage does not take them, Infected or ScannerAway.
    """
    scanning.refuse_infected_upload(upload)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    attachment = named_attachment(upload.name, upload.size)
    attachment.place, attachment.sha256 = place, digest.hexdigest()
    try:
        attachment.file.save(attachment.name, upload, save=False)
    except OSError as error:
        raise StorageFull from error
    attachment.await_preview()
    return attachment


def announce_file(name, size, place=0):
    """Return an unsaved Attachment of a file whose bytes are still to come.

    `name` is as its sender has it, `size` in bytes.
    """
    attachment = named_attachment(name, size)
    attachment.place, attachment.state = place, Attachment.State.UPLOADING
    attachment.expires_at = timezone.now() + timedelta(seconds=UPLOAD_SECONDS)
    return attachment


def named_attachment(name, size):
    name = clean_file_name(name)
    return Attachment(name=name, size=size, content_type=content_type_of(name))


def remove_bytes(storage_names):
    """Delete files from the storage; missing ones are no error."""
    for name in storage_names:
        default_storage.delete(name)


def stored_name_of(upload):
    """Return where an upload's bytes go: always the same, so that a second try at
    finishing leaves nothing behind. Its public id is random, and so is this."""
    name = hashlib.blake2b(upload.public_id.encode(), digest_size=16).hexdigest()
    return f"files/{name[:2]}/{name}"


def remove_bytes_after_commit(attachments):
    """Once this transaction commits, delete all bytes of attachments, also of those
    that are still on their way."""
    names, uploads = [], []
    for attachment in attachments:
        names += attachment.stored_names
        if not attachment.is_ready:
            names.append(stored_name_of(attachment))
        uploads.append(attachment.public_id)

    def remove():
        remove_bytes(names)
        partials.remove(uploads)

    transaction.on_commit(remove, robust=True)
