"""Whether rows and bytes agree, in both directions."""

import hashlib
from typing import NamedTuple

from django.core.files.storage import default_storage

from rooms import partials
from rooms.actions.delete_attachment import delete_attachment
from rooms.actions.files import remove_bytes
from rooms.actions.housekeep import orphaned_files, orphaned_partials, stored_names
from rooms.models import Attachment

READ_BYTES = 1024 * 1024


class Fault(NamedTuple):
    """`kind` says what is wrong, `where` is a name in the storage or a partial's path;
    after `mend()` this fault is no more."""

    kind: str
    where: str
    mend: object


def which_is_empty():
    """Return which of "database" and "storage" has no files although the other has; ""
    when they are alike. That one may be another site's, restored halfway, or not
    mounted, and mending would delete what the other has."""
    is_in_database, is_stored = Attachment.objects.ready().exists(), any(stored_names())
    if is_in_database == is_stored:
        return ""
    return "storage" if is_in_database else "database"


def check_storage(*, hashes=False):
    """Yield the Faults: of files that are ready, of unfinished ones, of bytes without
    owner (older than an hour). With `hashes` every byte is read.

    Bytes without owner are not found by a database that has no attachment at all.
    """
    for attachment in Attachment.objects.ready().iterator():
        yield from _faults_of(attachment, hashes)
    for upload in Attachment.objects.uploading().iterator():
        if partials.offset_of(upload.public_id) > upload.size:
            path = str(partials.path_of(upload.public_id))
            yield Fault("longer than announced", path, _deleting(upload))
    for name in orphaned_files():
        yield Fault("without owner", name, lambda name=name: remove_bytes([name]))
    for id_ in orphaned_partials():
        path = str(partials.path_of(id_))
        yield Fault("without owner", path, lambda id_=id_: partials.remove([id_]))


def _faults_of(attachment, hashes):
    if kind := _fault_of_file(attachment, hashes):
        yield Fault(kind, attachment.file.name, _deleting(attachment))
    for shown in (attachment.thumbnail, attachment.picture):
        if shown and not default_storage.exists(shown.name):
            yield Fault("missing", shown.name, _making_again(attachment))


def _fault_of_file(attachment, hashes):
    if not attachment.file or not default_storage.exists(attachment.file.name):
        return "missing"
    if default_storage.size(attachment.file.name) != attachment.size:
        return "of another size"
    if hashes and _sha256_of(attachment.file.name) != attachment.sha256:
        return "of another SHA-256"
    return None


def _sha256_of(name):
    digest = hashlib.sha256()
    with default_storage.open(name) as file:
        while chunk := file.read(READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _deleting(attachment):
    return lambda: delete_attachment(attachment)


def _making_again(attachment):
    def mend():
        remove_bytes([s.name for s in (attachment.thumbnail, attachment.picture) if s])
        Attachment.objects.filter(pk=attachment.pk).update(
            preview=Attachment.Preview.WAITING, thumbnail="", picture=""
        )

    return mend
