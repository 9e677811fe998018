from typing import NamedTuple

from django.db import IntegrityError, transaction

from rooms import events, texts
from rooms.actions.files import remove_bytes, store_upload
from rooms.exceptions import (
    EmptyMessage,
    FilesTooLarge,
    NotAMember,
    TooLong,
    TooManyFiles,
    UnreadableText,
)
from rooms.limits import (
    BODY_CHARACTERS,
    FILES_PER_MESSAGE,
    MESSAGE_FILES_BYTES,
    MIB,
)
from rooms.models import Attachment, Membership, Message, Room, RoomCounter


class Posted(NamedTuple):
    message: Message
    is_new: bool


def post_message(author, *, client_id, body, uploads=()):
    """Post a message with its files, once per `client_id` (a UUID), for ever.

    Afterwards it is committed with the room's next change number, and everyone in the
    room is told. The same author and `client_id` again return the first message and
    tell nobody. Raises EmptyMessage, TooLong, UnreadableText, TooManyFiles,
    FilesTooLarge, StorageFull or NotAMember; then nothing is stored.
    """
    body = texts.clean_body(body)
    _refuse(body, uploads)
    if first := _first(author, client_id):
        return Posted(first, is_new=False)
    attachments = _store_uploads(uploads)
    try:
        message = _commit(author, client_id, body, attachments)
    except IntegrityError:
        remove_bytes(a.file.name for a in attachments)
        if first := _first(author, client_id):
            return Posted(first, is_new=False)
        raise
    except BaseException:
        remove_bytes(a.file.name for a in attachments)
        raise
    return Posted(message, is_new=True)


def _refuse(body, uploads):
    if not body and not uploads:
        raise EmptyMessage
    if texts.is_too_long(body):
        raise TooLong(most=BODY_CHARACTERS)
    if not texts.is_readable_body(body):
        raise UnreadableText
    if len(uploads) > FILES_PER_MESSAGE:
        raise TooManyFiles(most=FILES_PER_MESSAGE)
    if sum(upload.size for upload in uploads) > MESSAGE_FILES_BYTES:
        raise FilesTooLarge(most=MESSAGE_FILES_BYTES // MIB)


def _first(author, client_id):
    mine = Message.objects.for_display().filter(author=author)
    return mine.filter(client_id=client_id).first()


def _store_uploads(uploads):
    stored = []
    try:
        for upload in uploads:
            stored.append(store_upload(upload))
    except BaseException:
        remove_bytes(attachment.file.name for attachment in stored)
        raise
    return stored


@transaction.atomic
def _commit(author, client_id, body, attachments):
    try:
        change = RoomCounter.objects.take(author.room_id)
    except Room.DoesNotExist as gone:
        raise NotAMember from gone
    # Asked while the counter is locked: a removal is committed before or comes after.
    if not Membership.objects.active().filter(pk=author.pk).exists():
        raise NotAMember
    message = Message.objects.create(
        room=author.room,
        author=author,
        author_name=author.name,
        client_id=client_id,
        body=body,
        position=change,
        change=change,
    )
    for attachment in attachments:
        attachment.message = message
    Attachment.objects.bulk_create(attachments)
    events.tell(message)
    return message
