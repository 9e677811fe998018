import secrets

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from rooms.limits import NUMBER_DIGITS
from rooms.models.ids import make_public_id


def make_epoch():
    return secrets.token_hex(4)


class RoomQuerySet(models.QuerySet):
    def joined_by(self, browser):
        """Rooms in which this browser is a member now."""
        return self.filter(
            memberships__browser=browser, memberships__left_at__isnull=True
        )


class Room(models.Model):
    number = models.CharField(_("number"), max_length=NUMBER_DIGITS, unique=True)
    public_id = models.CharField(
        _("public id"), max_length=22, unique=True, default=make_public_id
    )
    name = models.CharField(_("name"), max_length=80)
    epoch = models.CharField(
        _("epoch"),
        max_length=8,
        default=make_epoch,
        help_text=_("Changes when the history was cut or restored from a backup."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        permissions = [("view_number", _("Can see room numbers"))]

    def __str__(self):
        return self.name


class RoomCounterQuerySet(models.QuerySet):
    def hold(self, room_id):
        """Lock a room's counter until the transaction ends; return whether it exists.

        Whoever changes something of a room does this, or takes a number, before locking
        anything else of it: so no two wait in a circle, and what was read afterwards
        stays as it is.
        """
        rows = self.select_for_update().filter(room_id=room_id)
        return bool(rows.values_list("room_id"))

    def take(self, room_id):
        """Take the next change number of a room: `take_many` for one.

        Raises Room.DoesNotExist when the room is gone.
        """
        numbers = self.take_many({room_id: 1})
        if not numbers:
            raise Room.DoesNotExist
        return numbers[room_id]

    def take_many(self, counts):
        """Take the next change numbers of rooms, {room id: how many}.

        Returns {room id: the last of them} of those rooms that exist. Must run inside
        the transaction that writes the changed rows: the counters stay locked until it
        commits, so numbers are committed in their order, without gaps.
        """
        # In one order everywhere, so that no two writers wait in a circle; SQLite has
        # one writer at a time.
        if len(counts) > 1 and connection.features.has_select_for_update:
            rows = self.select_for_update().filter(room_id__in=counts)
            list(rows.order_by("room_id").values_list("room_id"))
        wanted = ", ".join(["(%s, %s)"] * len(counts))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rooms_roomcounter SET last_change = last_change + column2 "  # noqa: S608 - only %s
                f"FROM (VALUES {wanted}) AS wanted WHERE room_id = column1 "
                "RETURNING room_id, last_change",
                [number for pair in counts.items() for number in pair],
            )
            return dict(cursor.fetchall())

    def heads(self, room_ids):
        """Return {room id: (last change, epoch)} of the rooms that exist."""
        rows = self.filter(room_id__in=room_ids)
        rows = rows.values_list("room_id", "last_change", "room__epoch")
        return {room_id: (change, epoch) for room_id, change, epoch in rows}


class RoomCounter(models.Model):
    """A room's count of changes, in a narrow table of its own."""

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="counter"
    )
    last_change = models.BigIntegerField(default=0)

    objects = RoomCounterQuerySet.as_manager()

    def __str__(self):
        return f"{self.room_id}: {self.last_change}"
