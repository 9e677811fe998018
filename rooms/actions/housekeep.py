"""What nobody does by hand: uploads given up, bytes that nothing names removed."""

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from rooms import partials
from rooms.actions.files import remove_bytes
from rooms.actions.give_up_uploads import give_up_uploads
from rooms.limits import ORPHAN_FILE_SECONDS
from rooms.models import Attachment

AT_ONCE = 500
FILE_FIELDS = ("file", "thumbnail", "picture")


def housekeep():
    """Give up uploads that expired or whose member is gone; delete bytes without owner.

    Only bytes older than an hour: younger ones may be on their way. Any number of
    processes may do it at once. Returns how many of each, {what: count}.
    """
    lost = Q(expires_at__lt=timezone.now()) | Q(message__author__left_at__isnull=False)
    given_up = give_up_uploads(Attachment.objects.filter(lost))
    names, uploads = orphaned_files(), orphaned_partials()
    remove_bytes(names)
    partials.remove(uploads)
    incoming = remove_old(Path(settings.FILE_UPLOAD_TEMP_DIR))
    return {
        "uploads given up": given_up,
        "stored files without owner": len(names),
        "partial files without owner": len(uploads),
        "remains of requests": incoming,
    }


def orphaned_files():
    """Return the names of stored files that no attachment names.

    A database without any attachment may be the wrong one: then there are none.
    """
    if not Attachment.objects.exists():
        return []
    return [
        name
        for names in stored_names()
        for some in in_turns(names)
        for name in some - named_ones(some)
        if is_old_in_storage(name)  # asked last: of few, and a storage may be far
    ]


def orphaned_partials():
    """Return the ids of partial files that no unfinished upload has; as above."""
    if not Attachment.objects.exists():
        return []
    found = [path.name for path in files_in(settings.UPLOADS_ROOT) if is_old(path)]
    uploads = Attachment.objects.uploading()
    orphans = []
    for some in in_turns(found):
        rows = uploads.filter(public_id__in=some)
        orphans += some - set(rows.values_list("public_id", flat=True))
    return orphans


def stored_names():
    """Yield the names of all files in the storage, a folder's at a time."""
    try:
        folders, _files = default_storage.listdir("files")
    except FileNotFoundError:  # before the first file
        return
    for folder in folders:
        _folders, files = default_storage.listdir(f"files/{folder}")
        yield [f"files/{folder}/{name}" for name in files]


def named_ones(names):
    named = set()
    for field in FILE_FIELDS:
        rows = Attachment.objects.filter(**{f"{field}__in": names})
        named.update(rows.values_list(field, flat=True))
    return named


def files_in(folder):
    return [path for path in Path(folder).glob("*") if path.is_file()]


def is_old(path):
    try:
        return path.stat().st_mtime < time.time() - ORPHAN_FILE_SECONDS
    except FileNotFoundError:  # moved on meanwhile
        return False


def is_old_in_storage(name):
    try:
        modified = default_storage.get_modified_time(name)
    except FileNotFoundError:
        return False
    return modified < timezone.now() - timedelta(seconds=ORPHAN_FILE_SECONDS)


def remove_old(folder):
    old = [path for path in files_in(folder) if is_old(path)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def in_turns(items):
    """Yield sets of at most AT_ONCE of the items."""
    for start in range(0, len(items), AT_ONCE):
        yield set(items[start : start + AT_ONCE])
