from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.limits import NAME_CHARACTERS


class Receipt(models.Model):
    """A member has the whole of a file. The sender has none of its own."""

    attachment = models.ForeignKey(
        "rooms.Attachment",
        on_delete=models.CASCADE,
        related_name="receipts",
        verbose_name=_("file"),
        db_index=False,
    )
    member = models.ForeignKey(
        "rooms.Membership",
        on_delete=models.CASCADE,
        related_name="receipts",
        verbose_name=_("member"),
    )
    name = models.CharField(_("member's name then"), max_length=NAME_CHARACTERS)
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attachment", "member"], name="one_receipt_per_member"
            )
        ]

    def __str__(self):
        return self.name
