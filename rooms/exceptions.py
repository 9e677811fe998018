"""Refusals: a code for machines, a sentence for people, an HTTP status for both."""

import math

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

TOLD_IN_SECONDS = 90  # longer waits are told in minutes
DATABASE_AWAY = (OperationalError, InterfaceError)  # what Django raises then


class Refusal(Exception):
    """An action did not happen. `code` is stable, `reason` is in the reader's language.

    `retry_after` is in seconds, or None when trying again will not help.
    """

    code = "refused"
    status = 400
    reason = _("That did not work.")
    retry_after: int | None = None

    def __init__(self, **values):
        super().__init__(self.code)
        self.values = values

    @property
    def sentence(self):
        return str(self.reason % self.values if self.values else self.reason)

    @property
    def fields(self):
        """The answer as JSON fields, in the reader's language."""
        return {"type": "refused", "code": self.code, "reason": self.sentence}


class EmptyMessage(Refusal):
    code = "empty"
    reason = _("Write something, or choose a file.")


class TooLong(Refusal):
    code = "too_long"
    status = 413
    reason = _("The message is too long: at most %(most)d characters.")


class UnreadableText(Refusal):
    code = "unreadable_text"
    reason = _("The text has characters that cannot be shown. Remove them.")


class TooManyFiles(Refusal):
    code = "too_many_files"
    reason = _("Too many files: at most %(most)d in one message.")


class FilesTooLarge(Refusal):
    code = "files_too_large"
    status = 413
    reason = _("Too large: the files of one message may have %(most)d MiB together.")


class FileTooLarge(Refusal):
    code = "file_too_large"
    status = 413
    reason = _("“%(name)s” is too large: a file may have %(most)d MiB.")


class RoomFull(Refusal):
    code = "room_full"
    status = 413
    reason = _(
        "This room's files would take more than its %(most)d MiB. Delete some first."
    )


class MemberFull(Refusal):
    code = "member_full"
    status = 413
    reason = _(
        "Your files in this room would take more than %(most)d MiB. Delete some first."
    )


class DayFull(Refusal):
    code = "day_full"
    status = 413
    reason = _("You may send %(most)d MiB of files a day. Try again tomorrow.")


class BadClientId(Refusal):
    code = "bad_client_id"
    reason = _("The message has no valid id. Reload the page and send it again.")


class NotAMember(Refusal):
    code = "not_a_member"
    status = 403
    reason = _("You are not in this room any more.")


class NotYours(Refusal):
    code = "not_yours"
    status = 403
    reason = _("Only its sender and who looks after the room can delete a file.")


class TooManyTicked(Refusal):
    code = "too_many_ticked"
    reason = _("At most %(most)d files can be ticked for a zip; none means all.")


class NameTaken(Refusal):
    code = "name_taken"
    status = 409
    reason = _(
        "Somebody in this room is called “%(name)s” already. Free is: %(suggestion)s"
    )


class CannotJoin(Refusal):
    code = "cannot_join"
    status = 403
    reason = _("You cannot join this room.")


class TooFast(Refusal):
    code = "too_fast"
    status = 429
    reason = ngettext_lazy(
        "That was too fast. Try again in %(seconds)d second.",
        "That was too fast. Try again in %(seconds)d seconds.",
        "seconds",
    )
    long_reason = ngettext_lazy(
        "That was too often. Try again in %(minutes)d minute.",
        "That was too often. Try again in %(minutes)d minutes.",
        "minutes",
    )

    def __init__(self, *, retry_after):
        super().__init__(seconds=retry_after, minutes=math.ceil(retry_after / 60))
        self.retry_after = retry_after
        if retry_after > TOLD_IN_SECONDS:
            self.reason = self.long_reason


class TooBusy(Refusal):
    code = "too_busy"
    status = 503
    reason = _("The server is busy. The message is sent again in a moment.")
    retry_after = 2


class BadFrame(Refusal):
    code = "bad_frame"
    reason = _("The server did not understand that.")


class StorageFull(Refusal):
    code = "storage_full"
    status = 507
    reason = _("The server could not store the file. Try again later.")
    retry_after = 60


class BadUpload(Refusal):
    code = "bad_upload"
    reason = _("The server did not understand that upload.")


class NoLength(Refusal):
    code = "no_length"
    status = 411
    reason = _("The upload does not say how large the file is.")


class OtherVersion(Refusal):
    code = "other_version"
    status = 412
    reason = _("The server speaks another version of the upload protocol.")


class NoChunk(Refusal):
    code = "no_chunk"
    status = 415
    reason = _("Bytes of files are sent as application/offset+octet-stream.")


class ChunkTooLarge(Refusal):
    code = "chunk_too_large"
    status = 413
    reason = _("That is too much at once: a part of a file may have %(most)d KiB.")


class BeyondLength(Refusal):
    code = "beyond_length"
    status = 413
    reason = _("That is more than the file was said to have.")


class WrongOffset(Refusal):
    code = "wrong_offset"
    status = 409
    reason = _("The file goes on at another place.")


class UploadBusy(Refusal):
    code = "upload_busy"
    status = 423
    reason = _("Another part of the file is being stored.")
    retry_after = 1


class Infected(Refusal):
    code = "infected"
    status = 422
    reason = _("The virus scanner found something in this file. It was not accepted.")


class ScannerAway(Refusal):
    code = "scanner_away"
    status = 503
    reason = _("The virus scanner does not answer. The file waits for it.")
    retry_after = 30


class WrongChecksum(Refusal):
    code = "wrong_checksum"
    status = 460  # of tus
    reason = _("The bytes arrived damaged. They are sent again.")
