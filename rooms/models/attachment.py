import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.limits import FILE_NAME_CHARACTERS
from rooms.models.ids import make_public_id

RASTER_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
PLAIN_TYPES = RASTER_IMAGES | {
    "application/pdf",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "text/plain",
    "video/mp4",
    "video/webm",
}


def storage_name(attachment, filename):
    """Return a random place in the media storage; nothing of the sender's name."""
    name = secrets.token_hex(16)
    return f"files/{name[:2]}/{name}"


class Attachment(models.Model):
    """A file in a message."""

    message = models.ForeignKey(
        "rooms.Message",
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("message"),
    )
    public_id = models.CharField(
        _("public id"), max_length=22, unique=True, default=make_public_id
    )
    file = models.FileField(_("file"), upload_to=storage_name, max_length=100)
    name = models.CharField(_("name"), max_length=FILE_NAME_CHARACTERS)
    size = models.BigIntegerField(_("size"), help_text=_("In bytes."))
    content_type = models.CharField(_("type"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["pk"]

    def __str__(self):
        return self.name

    @property
    def is_image(self):
        return self.content_type in RASTER_IMAGES

    @property
    def served_type(self):
        """The type told to browsers; whatever could run is only bytes."""
        if self.content_type in PLAIN_TYPES:
            return self.content_type
        return "application/octet-stream"
