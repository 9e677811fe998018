"""Previews of images, while nobody waits for them."""

import fcntl
import shutil
import tempfile
from contextlib import contextmanager

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from rooms import events, previews
from rooms.actions.files import remove_bytes
from rooms.limits import PREVIEW_TRIES
from rooms.models import Attachment, Message, RoomCounter

LOCK = "previews.lock"
tries: dict[int, int] = {}  # of previews whose process was ended


def make_waiting_preview():
    """Make one of the previews that wait, the newest; return whether there was one.

    It is told to everyone in its room. One process of this machine does so at a time;
    for the others this is no work. What is left by a kill waits in its row.
    """
    with only_one() as is_me:
        attachment = is_me and next_waiting()
        if attachment:
            make_preview_of(attachment)
    return bool(attachment)


def next_waiting():
    rows = Attachment.objects.ready().filter(preview=Attachment.Preview.WAITING)
    return rows.order_by("-uploaded_at").first()


def make_preview_of(attachment):
    try:
        attach_preview(attachment, preview_of(attachment))
    except (previews.Unfinished, OSError, ValueError):  # or it said nothing sensible
        tries[attachment.pk] = tries.get(attachment.pk, 0) + 1
        if tries[attachment.pk] < PREVIEW_TRIES:
            return
        attach_preview(attachment, None)
    tries.pop(attachment.pk, None)


def attach_preview(attachment, preview):
    """Store a previews.Preview of an attachment, or that there is none (None).

    Everyone in the room is told. One that nobody waits for any more, as for a file
    deleted meanwhile, is dropped. Raises OSError when the storage does not take it.
    """
    stored = []
    try:
        if preview:
            for field in (attachment.thumbnail, attachment.picture):
                content = getattr(preview, field.field.name)
                field.save(attachment.name, ContentFile(content), save=False)
                stored.append(field.name)
            attachment.width, attachment.height = preview.width, preview.height
        is_attached = _attach(attachment, preview)
    except BaseException:
        remove_bytes(stored)
        raise
    if not is_attached:
        remove_bytes(stored)


@transaction.atomic
def _attach(attachment, preview):
    made = Attachment.Preview.MADE if preview else Attachment.Preview.NONE
    RoomCounter.objects.hold(attachment.room_id)
    message = Message.objects.filter(pk=attachment.message_id).first()
    waiting = Attachment.objects.filter(preview=Attachment.Preview.WAITING)
    is_attached = message and waiting.filter(pk=attachment.pk).update(
        preview=made,
        thumbnail=attachment.thumbnail.name or "",
        picture=attachment.picture.name or "",
        width=attachment.width,
        height=attachment.height,
    )
    if is_attached:
        message.change = RoomCounter.objects.take(message.room_id)
        message.save(update_fields=["change"])
        events.tell(message)
    return is_attached


def preview_of(attachment):
    """Return the preview of its bytes; None when they are gone, or no such image."""
    kind = attachment.content_type.removeprefix("image/")
    try:
        with on_disk(attachment) as file:
            return previews.make_preview(file, kind)
    except FileNotFoundError:
        return None


@contextmanager
def on_disk(attachment):
    """Give its bytes as a file of this machine, wherever they are stored."""
    with attachment.file.open() as file:
        if not settings.S3_BUCKET:
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy


@contextmanager
def only_one():
    """Tell whether this is the one process that may; the kernel ends it with us."""
    with (settings.DATA_DIR / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
