from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from rooms.limits import NAME_CHARACTERS, NAME_KEY_CHARACTERS
from rooms.models.ids import make_public_id


class MembershipQuerySet(models.QuerySet):
    def active(self):
        return self.filter(left_at__isnull=True)

    def staying(self, keys):
        """Return which of these keys are of members now, a set: `active`, with a
        statement whose text is ready."""
        if not keys:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(STAYING % ", ".join(["%s"] * len(keys)), list(keys))
            return {key for (key,) in cursor.fetchall()}

    def of_browser(self, browser):
        """Places this browser has now."""
        return self.active().filter(browser=browser) if browser else self.none()

    def named(self, name_key):
        return self.active().filter(name_key=name_key)


STAYING = "SELECT id FROM rooms_membership WHERE id IN (%s) AND left_at IS NULL"


class Membership(models.Model):
    """A person's place in a room, held by a browser's session.

    A row stays when its member leaves: messages keep their author, and the same browser
    gets the same place back.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MODERATOR = "moderator", _("moderator")
        MEMBER = "member", _("member")

    room = models.ForeignKey(
        "rooms.Room",
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("room"),
    )
    public_id = models.CharField(
        _("public id"), max_length=22, unique=True, default=make_public_id
    )
    browser = models.UUIDField(_("browser"), help_text=_("Kept in the session."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=NAME_CHARACTERS)
    name_key = models.CharField(max_length=NAME_KEY_CHARACTERS, editable=False)
    role = models.CharField(
        _("role"), max_length=10, choices=Role.choices, default=Role.MEMBER
    )
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    is_removed = models.BooleanField(
        _("removed"), default=False, help_text=_("May not come back.")
    )

    uploaded_on = models.DateField(null=True, editable=False)
    uploaded_bytes = models.BigIntegerField(
        default=0, editable=False, help_text=_("Announced on that day.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["room", "browser"], name="one_membership_per_browser"
            ),
            models.UniqueConstraint(
                fields=["room", "name_key"],
                condition=models.Q(left_at__isnull=True),
                name="one_active_member_per_name",
            ),
        ]
        indexes = [models.Index(fields=["browser"], name="membership_browser")]

    def __str__(self):
        return self.name

    @property
    def is_active(self):
        return self.left_at is None

    @property
    def looks_after_room(self):
        """Whether the member may take back what others have sent."""
        return self.role in {self.Role.OWNER, self.Role.MODERATOR}
