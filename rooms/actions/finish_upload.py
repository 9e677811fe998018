"""From a partial file to a file that is there, safely at every point of a crash: the
bytes are in the storage before the row says so, and the partial goes last."""

import errno
import os
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction

from chatsite.prompt_thread import promptly
from rooms import events, partials, scanning
from rooms.actions.files import remove_bytes, stored_name_of
from rooms.exceptions import Infected, WrongChecksum
from rooms.models import Attachment, Message, RoomCounter


def finish_upload(attachment):
    """Make an upload ready once all of its bytes have come; until then do nothing.

    Everyone in the room is told. Repeating it is harmless. Raises WrongChecksum when
    the whole is not what its sender said: then the upload begins again at nothing.
    Raises Infected, and then it begins again too; ScannerAway, UploadBusy, StorageFull,
    and Attachment.DoesNotExist when it was deleted.
    """
    try:
        _finish_alone(attachment)
    except Attachment.DoesNotExist:
        partials.remove([attachment.public_id])
        raise
    if attachment.is_ready:
        partials.remove([attachment.public_id])


def _finish_alone(attachment):
    if attachment.is_ready:
        return
    with partials.opened(attachment.public_id, is_new=not attachment.size) as partial:
        _finish(attachment, partial)


def _finish(attachment, partial):
    attachment.refresh_from_db()  # while nobody else can finish it
    if attachment.is_ready or partial.offset < attachment.size:
        return
    try:
        partial.settle()
        sha256 = _verified(attachment, partial)
        _refuse_infected(partial)
        name = _store(attachment, partial.path)
    except FileNotFoundError:
        attachment.refresh_from_db()  # raises when it was deleted meanwhile
        raise
    except OSError as error:
        raise partials.refusal_of(error) from error
    if not _make_ready(attachment, name, sha256):
        remove_bytes([name])
        raise Attachment.DoesNotExist
    attachment.refresh_from_db()


def _verified(attachment, partial):
    sha256 = partial.sha256()
    if attachment.sha256 in {"", sha256}:
        return sha256
    partial.empty()  # first: whole bytes without a word of what they should be are good
    Attachment.objects.uploading().filter(pk=attachment.pk).update(sha256="")
    raise WrongChecksum


def _refuse_infected(partial):
    """What the scanner refuses is gone at once; its sender may cancel it."""
    try:
        scanning.refuse_infected(partial.path)
    except Infected:
        partial.empty()
        raise


def _store(attachment, path):
    """Have the storage keep the bytes; return their name there."""
    name = stored_name_of(attachment)
    default_storage.delete(name)  # of a try that was cut off
    if not isinstance(default_storage, FileSystemStorage):
        return _copy(path, name)
    target = Path(default_storage.path(name))
    if not _link(path, target):
        _copy(path, name)
        _sync(target)
    for folder in (target.parent, target.parent.parent):
        _sync(folder)
    return name


def _link(path, target):
    """Give the file its second name, without a copy; False when that is another disk's
    or the disk knows no second names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP}:
            raise
        return False
    return True


def _copy(path, name):
    with path.open("rb") as file:
        return default_storage.save(name, File(file))


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@promptly
@transaction.atomic
def _make_ready(attachment, name, sha256):
    """Whether it was still there to be made ready."""
    RoomCounter.objects.hold(attachment.room_id)
    message = Message.objects.filter(pk=attachment.message_id).first()
    attachment.await_preview()
    ready = (
        Attachment.objects.uploading()
        .filter(pk=attachment.pk)
        .update(
            state=Attachment.State.READY,
            file=name,
            sha256=sha256,
            expires_at=None,
            upload_metadata="",
            preview=attachment.preview,
        )
    )
    if not ready:
        return False
    message.change = RoomCounter.objects.take(message.room_id)
    message.save(update_fields=["change"])
    events.tell(message)
    return True
