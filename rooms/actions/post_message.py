import uuid
from collections import defaultdict
from typing import NamedTuple

from django.db import IntegrityError, transaction

from rooms import events, texts
from rooms.actions.files import remove_bytes, store_upload
from rooms.actions.quotas import reserve
from rooms.exceptions import (
    EmptyMessage,
    FilesTooLarge,
    FileTooLarge,
    NotAMember,
    Refusal,
    TooLong,
    TooManyFiles,
    UnreadableText,
)
from rooms.limits import (
    BODY_CHARACTERS,
    FILE_BYTES,
    FILES_PER_MESSAGE,
    MESSAGE_FILES_BYTES,
    MIB,
)
from rooms.models import Attachment, Membership, Message, RoomCounter


class Draft(NamedTuple):
    """A message before it is posted; `attachments` are unsaved, their bytes stored or
    still to come (see actions.announce_file)."""

    author: Membership
    client_id: uuid.UUID
    body: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def key(self):
        return self.author.pk, self.client_id


class Posted(NamedTuple):
    message: Message
    is_new: bool


class NoMembers(Exception):
    """Some authors are not members any more; nothing was committed."""

    def __init__(self, author_ids):
        super().__init__(author_ids)
        self.author_ids = author_ids


def post_message(author, *, client_id, body, uploads=(), announced=()):
    """Post a message with its files, once per `client_id` (a UUID), for ever.

    `uploads` are files with their bytes; `announced` are attachments whose bytes are
    still to come. Afterwards the message is committed with the room's next change
    number, room for its files is reserved, and everyone in the room is told. The same
    author and `client_id` again return the first message and tell nobody. Raises
    EmptyMessage, TooLong, UnreadableText, TooManyFiles, FilesTooLarge, FileTooLarge,
    RoomFull, MemberFull, DayFull, StorageFull, Infected, ScannerAway or NotAMember;
    then nothing is stored.
    """
    draft = Draft(author, client_id, texts.clean_body(body), tuple(announced))
    _refuse(draft, uploads)
    if first := _first_ones([draft]).get(draft.key):
        return Posted(first, is_new=False)
    attachments = _store_uploads(uploads)
    posted = None
    try:
        (posted,) = _post_all(
            [draft._replace(attachments=attachments + draft.attachments)]
        )
    finally:
        if not (isinstance(posted, Posted) and posted.is_new):
            remove_bytes(attachment.file.name for attachment in attachments)
    if isinstance(posted, Refusal):
        raise posted
    return posted


def post_messages(drafts):
    """Post many messages in one transaction (group commit); with files, one by one.

    Returns, in the order of `drafts`, what `post_message` would: a Posted, or the
    Refusal it would raise. One refused draft does not touch the others.
    """
    answers, plain = {}, {}
    for index, draft in enumerate(drafts):
        draft = draft._replace(body=texts.clean_body(draft.body))
        try:
            _refuse(draft)
        except Refusal as refusal:
            answers[index] = refusal
            continue
        if draft.attachments:
            (answers[index],) = _post_all([draft])
        else:
            plain[index] = draft
    answers |= zip(plain, _post_all(list(plain.values())), strict=True)
    return [answers[index] for index in range(len(drafts))]


def _refuse(draft, uploads=()):
    files = [*uploads, *draft.attachments]
    if texts.is_blank(draft.body) and not files:
        raise EmptyMessage
    if texts.is_too_long(draft.body):
        raise TooLong(most=BODY_CHARACTERS)
    if not texts.is_readable_body(draft.body):
        raise UnreadableText
    if len(files) > FILES_PER_MESSAGE:
        raise TooManyFiles(most=FILES_PER_MESSAGE)
    if sum(upload.size for upload in uploads) > MESSAGE_FILES_BYTES:
        raise FilesTooLarge(most=MESSAGE_FILES_BYTES // MIB)
    for file in files:
        if file.size > FILE_BYTES:
            raise FileTooLarge(name=file.name, most=FILE_BYTES // MIB)


def _store_uploads(uploads):
    stored = []
    try:
        for place, upload in enumerate(uploads):
            stored.append(store_upload(upload, place))
    except BaseException:
        remove_bytes(attachment.file.name for attachment in stored)
        raise
    return tuple(stored)


def _post_all(drafts):
    """Commit together; who is no member is refused, and what fails is tried alone."""
    gone, known = set(), {}
    while True:
        staying = [draft for draft in drafts if draft.author.pk not in gone]
        try:
            posted = iter(_commit(staying, known) if staying else ())
            break
        except NoMembers as missing:
            gone |= missing.author_ids
        except Refusal as refusal:  # of files, which come alone
            return [refusal]
        except IntegrityError:  # a client id was posted before: seldom, so asked now
            before, known = known, _first_ones(staying)
            if known == before and len(staying) == 1:
                raise
            if known == before:
                posted = iter([a for draft in staying for a in _post_all([draft])])
                break
    return [NotAMember() if d.author.pk in gone else next(posted) for d in drafts]


def _first_ones(drafts):
    """Return the messages these drafts were posted as before, {key: message}."""
    rows = Message.objects.for_display().filter(
        author__in={draft.author.pk for draft in drafts},
        client_id__in={draft.client_id for draft in drafts},
    )
    return {(message.author_id, message.client_id): message for message in rows}


@transaction.atomic
def _commit(drafts, known):
    """Write what is not `known`; answer for each draft, in order."""
    new = {}
    for draft in drafts:
        if draft.key not in known:
            new.setdefault(draft.key, draft)
    messages = _save(new) if new else {}
    answers = []
    for draft in drafts:
        is_new = new.pop(draft.key, None) is not None
        answers.append(Posted(known.get(draft.key) or messages[draft.key], is_new))
    return answers


def _save(new):
    """Number and write {key: draft}; return {key: message} in order of change."""
    rooms = defaultdict(list)
    for draft in new.values():
        rooms[draft.author.room_id].append(draft)
    last = RoomCounter.objects.take_many({r: len(rooms[r]) for r in rooms})
    _refuse_gone(new.values(), last)
    for draft in new.values():
        if draft.attachments:
            reserve(draft.author, draft.attachments)
    messages = {}
    for room_id, drafts in rooms.items():
        for change, draft in enumerate(drafts, last[room_id] - len(drafts) + 1):
            messages[draft.key] = _message_of(draft, change)
    Message.objects.insert(list(messages.values()))
    attachments = []
    for key, draft in new.items():
        for attachment in draft.attachments:
            attachment.message, attachment.room = messages[key], draft.author.room
        messages[key].files = list(draft.attachments)
        attachments += draft.attachments
    if attachments:
        Attachment.objects.bulk_create(attachments)
    events.tell(*messages.values())
    return messages


def _message_of(draft, change):
    return Message(
        room=draft.author.room,
        author=draft.author,
        author_name=draft.author.name,
        client_id=draft.client_id,
        body=draft.body,
        position=change,
        change=change,
    )


def _refuse_gone(drafts, room_ids):
    # Asked while the counters are locked: a removal is committed before or comes after.
    authors = {d.author.pk for d in drafts if d.author.room_id in room_ids}
    staying = Membership.objects.staying(authors)
    if gone := {draft.author.pk for draft in drafts} - staying:
        raise NoMembers(gone)
