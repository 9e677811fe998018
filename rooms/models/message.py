from django.db import connection, models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from rooms.limits import HISTORY_CHARACTERS, HISTORY_PAGE, NAME_CHARACTERS


class MessageQuerySet(models.QuerySet):
    def for_display(self):
        """With all that drawing a message needs, in a fixed number of queries."""
        files = models.Prefetch("attachments", to_attr="files")
        rows = self.select_related("room", "author")
        return rows.prefetch_related(files, "files__receipts")

    def newest(self, count, *, before=None):
        """The last `count` messages (before a position), oldest first, as a list."""
        rows = self if before is None else self.filter(position__lt=before)
        return list(rows.for_display().order_by("-position")[:count])[::-1]

    def page(self, *, before=None):
        """One page of `newest`, and whether there are older ones."""
        found = self.newest(HISTORY_PAGE + 1, before=before)
        characters = count = 0
        for message in reversed(found[-HISTORY_PAGE:]):
            characters += len(message.body)
            if count and characters > HISTORY_CHARACTERS:
                break
            count += 1
        return found[len(found) - count :], len(found) > count

    def changed_after(self, change):
        """State changed after `change`, in order of change."""
        return self.for_display().filter(change__gt=change).order_by("change")

    def insert(self, messages):
        """Insert new messages with one statement, and give them their keys.

        `bulk_create` for the busiest place: their values are of their columns' types
        already, and are not looked at one by one.
        """
        posted_at, values = timezone.now(), []
        stored_at = connection.ops.adapt_datetimefield_value(posted_at)
        is_native = connection.features.has_native_uuid_field
        for new in messages:
            new.posted_at = posted_at
            client_id = new.client_id if is_native else new.client_id.hex
            values += (new.room_id, new.author_id, new.author_name, client_id)
            values += (new.body, new.notice, new.position, new.change, stored_at)
        with connection.cursor() as cursor:
            cursor.execute(
                INSERT + ", ".join([INSERTED] * len(messages)) + KEYS, values
            )
            keys = cursor.fetchall()
        for new, (key,) in zip(messages, keys, strict=True):
            new.pk, new._state.adding = key, False


INSERT = (
    "INSERT INTO rooms_message (room_id, author_id, author_name, client_id, body, "
    "notice, position, change, posted_at) VALUES "
)
INSERTED = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
KEYS = " RETURNING id"


class Message(models.Model):
    """One thing said in a room, or a notice about it.

    `change` is the room's change number that last touched this row; `position` is the
    change number it was posted with, and never changes.
    """

    class Notice(models.TextChoices):
        NONE = "", _("message")
        CREATED = "created", _("room created")
        JOINED = "joined", _("joined")
        LEFT = "left", _("left")
        REMOVED = "removed", _("removed")
        RENAMED = "renamed", _("room renamed")

    room = models.ForeignKey(
        "rooms.Room",
        on_delete=models.CASCADE,
        related_name="history",
        verbose_name=_("room"),
        db_index=False,
    )
    author = models.ForeignKey(
        "rooms.Membership",
        on_delete=models.CASCADE,
        related_name="history",
        verbose_name=_("author"),
        null=True,
        help_text=_("Nobody: a notice of the site itself."),
        db_index=False,
    )
    author_name = models.CharField(
        _("author's name then"), max_length=NAME_CHARACTERS, blank=True
    )
    client_id = models.UUIDField(_("client id"))
    notice = models.CharField(
        _("kind"), max_length=10, choices=Notice.choices, blank=True, default=""
    )
    body = models.TextField(_("text"), blank=True)
    position = models.BigIntegerField(_("position"))
    change = models.BigIntegerField(_("change"))
    posted_at = models.DateTimeField(_("posted at"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_id"], name="one_message_per_client_id"
            ),
            models.UniqueConstraint(
                fields=["room", "position"], name="one_message_per_position"
            ),
            models.UniqueConstraint(
                fields=["room", "change"], name="one_message_per_change"
            ),
        ]

    def __str__(self):
        return f"{self.author_name}, {self.position}"

    @cached_property
    def files(self):
        """The attachments, as a list."""
        return list(self.attachments.all())

    @property
    def is_notice(self):
        return self.notice != self.Notice.NONE

    @property
    def is_deleted(self):
        return self.deleted_at is not None
