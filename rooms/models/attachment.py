import secrets

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from rooms.limits import FILE_NAME_CHARACTERS, PREVIEW_FILE_BYTES
from rooms.models.ids import make_public_id

RASTER_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
SOUNDS = {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm"}
SOUNDS |= {"audio/flac", "audio/aac", "audio/x-wav"}
FILMS = {"video/mp4", "video/webm", "video/ogg", "video/quicktime"}
PLAIN_TYPES = RASTER_IMAGES | SOUNDS | FILMS
PLAIN_TYPES |= {"application/pdf", "application/zip", "text/plain"}
TEXTS = {"application/json", "application/javascript", "application/xml"}
TEXTS |= {"application/x-sh", "application/toml", "application/yaml"}
KINDS = {"image": RASTER_IMAGES, "audio": SOUNDS, "video": FILMS, "text": TEXTS}
ANY_TEXT = "text/"  # all of these are texts, too


def storage_name(attachment, filename):
    """Return a random place in the media storage; nothing of the sender's name."""
    name = secrets.token_hex(16)
    return f"files/{name[:2]}/{name}"


class AttachmentQuerySet(models.QuerySet):
    def in_room(self, room_id):
        return self.filter(room=room_id)

    def visible_to(self, membership):
        """The files of the member's room; nothing for one who is no member now."""
        return self.in_room(membership.room_id if membership.is_active else None)

    def sent_from(self, browser):
        """What a browser sent to the rooms that it is a member of now."""
        author = "message__author"
        own = {f"{author}__browser": browser, f"{author}__left_at": None}
        return self.filter(**own) if browser else self.none()

    def sent_by(self, membership):
        return self.filter(message__author=membership)

    def before(self, position):
        """Those of messages before a position of their room."""
        return self.filter(message__position__lt=position)

    def ready(self):
        return self.filter(state=Attachment.State.READY)

    def uploading(self):
        return self.filter(state=Attachment.State.UPLOADING)

    def of_kind(self, kind):
        """Those whose `kind` it is: image, audio, video, text or other."""
        is_text = models.Q(content_type__startswith=ANY_TEXT)
        if kind == "text":
            return self.filter(is_text | models.Q(content_type__in=TEXTS))
        if kind in KINDS:
            return self.filter(content_type__in=KINDS[kind])
        known = set().union(*KINDS.values())
        return self.exclude(is_text | models.Q(content_type__in=known))

    def newest_versions(self):
        """Of each name, the file that was announced last; of the ready ones, if any."""
        is_ready = models.Q(state=Attachment.State.READY)
        last = Coalesce(models.Max("pk", filter=is_ready), models.Max("pk"))
        newest = self.order_by().values("name").annotate(last=last)
        return self.filter(pk__in=newest.values("last"))

    def bytes(self):
        """How much they take, or will take once they are there."""
        return self.aggregate(models.Sum("size"))["size__sum"] or 0


class Attachment(models.Model):
    """A file in a message: announced with its name and size, and ready once all of its
    bytes are stored and verified.

    `place` is its index among the files of its message, as its sender counted them.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("uploading")
        READY = "ready", _("ready")

    class Preview(models.TextChoices):
        NONE = "", _("none")
        WAITING = "waiting", _("waiting")
        MADE = "made", _("made")

    message = models.ForeignKey(
        "rooms.Message",
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("message"),
    )
    room = models.ForeignKey(
        "rooms.Room",
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("room"),
        help_text=_("Its message's; here too, so that files are found without those."),
    )
    public_id = models.CharField(
        _("public id"), max_length=22, unique=True, default=make_public_id
    )
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.READY
    )
    file = models.FileField(
        _("file"), upload_to=storage_name, max_length=100, blank=True
    )
    name = models.CharField(_("name"), max_length=FILE_NAME_CHARACTERS)
    size = models.BigIntegerField(_("size"), help_text=_("In bytes."))
    content_type = models.CharField(_("type"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    expires_at = models.DateTimeField(
        _("expires at"),
        null=True,
        blank=True,
        help_text=_("When an upload without news is given up."),
    )
    upload_metadata = models.TextField(
        blank=True,
        default="",
        editable=False,
        help_text="As tus has it, while it comes.",
    )
    preview = models.CharField(
        _("preview"),
        max_length=10,
        choices=Preview.choices,
        blank=True,
        default=Preview.NONE,
    )
    thumbnail = models.FileField(
        _("thumbnail"), upload_to=storage_name, max_length=100, blank=True
    )
    picture = models.FileField(
        _("picture"), upload_to=storage_name, max_length=100, blank=True
    )
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="uploading"),
                name="attachment_uploading",
            ),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(preview="waiting"),
                name="attachment_waiting",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_ready(self):
        return self.state == self.State.READY

    def await_preview(self):
        """Note, unsaved, that a preview is to be made of it, if it can have one."""
        if self.is_image and self.size <= PREVIEW_FILE_BYTES:
            self.preview = self.Preview.WAITING

    def can_be_deleted_by(self, membership):
        """Whether it is this member's own, or in a room the member looks after."""
        if not membership.is_active or membership.room_id != self.room_id:
            return False
        return membership.looks_after_room or self.message.author_id == membership.pk

    @property
    def has_preview(self):
        return self.preview == self.Preview.MADE

    @property
    def stored_names(self):
        """The names in the storage of all its bytes."""
        files = (self.file, self.thumbnail, self.picture)
        return [file.name for file in files if file]

    @property
    def is_image(self):
        return self.content_type in RASTER_IMAGES

    @property
    def kind(self):
        """What pages can show of it: image, audio, video, text or other."""
        if self.content_type.startswith(ANY_TEXT):
            return "text"
        kinds = (kind for kind, types in KINDS.items() if self.content_type in types)
        return next(kinds, "other")

    @property
    def receivers(self):
        """The names of who has it, in the order of their receipts."""
        return [receipt.name for receipt in self.receipts.all()]

    @property
    def served_type(self):
        """The type told to browsers; whatever could run is only bytes."""
        if self.content_type in PLAIN_TYPES:
            return self.content_type
        return "application/octet-stream"
