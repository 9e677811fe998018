from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chatsite.prompt_thread import promptly
from rooms import events, partials
from rooms.actions.finish_upload import finish_upload
from rooms.exceptions import WrongOffset
from rooms.limits import UPLOAD_RENEWAL_SECONDS, UPLOAD_SECONDS
from rooms.models import Attachment


def receive_chunk(attachment, offset, chunk, *, sha256=""):
    """Add a `Chunk` to an upload; return the upload's offset afterwards.

    `sha256`, in hexadecimal, is what its sender says of the whole file; it counts with
    the last chunk, which finishes the upload. Others in the room see how far it is.
    Raises WrongOffset, BeyondLength, UploadBusy or StorageFull, and then nothing was
    added; WrongChecksum when the whole is not what was said: it begins again then.
    """
    if attachment.is_ready:
        return _refuse_more(attachment, offset, chunk)
    with partials.opened(attachment.public_id, is_new=offset == 0) as partial:
        partial.check(offset, chunk, length=attachment.size)
        is_last = offset + len(chunk) == attachment.size
        if is_last and sha256 not in {"", attachment.sha256}:
            _write_down(attachment, sha256)
        end = partial.append(offset, chunk, length=attachment.size)
    if offset == 0:
        _refuse_deleted(attachment)
    if end == attachment.size:
        finish_upload(attachment)
    else:
        _renew(attachment)
        events.tell_progress(attachment, end)
    return end


def _refuse_more(attachment, offset, chunk):
    """Nothing at the end of what is there is no mistake, but everything else is."""
    if len(chunk) or offset != attachment.size:
        raise WrongOffset
    return offset


@promptly
@transaction.atomic
def _write_down(attachment, sha256):
    """What the whole should be, for who finishes it after a crash."""
    _row_of(attachment).update(sha256=sha256)


def _row_of(attachment):
    return Attachment.objects.uploading().filter(pk=attachment.pk)


def _refuse_deleted(attachment):
    """A partial that was made after its attachment was deleted would stay."""
    if not Attachment.objects.filter(pk=attachment.pk).exists():
        partials.remove([attachment.public_id])
        raise Attachment.DoesNotExist


def _renew(attachment):
    """An upload with news does not expire; each chunk is news, not each is written."""
    expires_at = timezone.now() + timedelta(seconds=UPLOAD_SECONDS)
    if expires_at - attachment.expires_at < timedelta(seconds=UPLOAD_RENEWAL_SECONDS):
        return
    attachment.expires_at = expires_at
    _row_of(attachment).update(expires_at=expires_at)
