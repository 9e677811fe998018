"""The bytes of files: into the storage before the transaction, out of it after."""

import hashlib
import mimetypes

from django.core.files.storage import default_storage
from django.db import transaction

from rooms.exceptions import StorageFull
from rooms.models import Attachment
from rooms.texts import clean_file_name


def store_upload(upload):
    """Write an uploaded file's bytes under a random name.

    Returns an unsaved Attachment that knows its size in bytes and SHA-256. Raises
    StorageFull when the storage does not take them.
    """
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    name = clean_file_name(upload.name)
    type_, packing = mimetypes.guess_type(name)
    attachment = Attachment(
        name=name,
        size=upload.size,
        sha256=digest.hexdigest(),
        content_type=(not packing and type_) or "application/octet-stream",
    )
    try:
        attachment.file.save(name, upload, save=False)
    except OSError as error:
        raise StorageFull from error
    return attachment


def remove_bytes(storage_names):
    """Delete files from the storage; missing ones are no error."""
    for name in storage_names:
        default_storage.delete(name)


def remove_bytes_after_commit(storage_names):
    names = list(storage_names)
    transaction.on_commit(lambda: remove_bytes(names), robust=True)
