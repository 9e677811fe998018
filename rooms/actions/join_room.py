from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rooms.actions.notices import post_notice
from rooms.exceptions import CannotJoin, NameTaken
from rooms.limits import NAME_CHARACTERS
from rooms.models import Membership, Message, Room, RoomCounter
from rooms.texts import name_key

TRIES = 5


class Joined(NamedTuple):
    membership: Membership
    room_is_new: bool
    was_member: bool


def join_room(number, name, *, browser, user=None):
    """Make the room of this number, or enter it, under a name nobody has there.

    `number` and `name` are canonical (rooms.texts). A browser that is a member already
    keeps its membership and its name, whatever name it gives; one that left gets its
    membership back under the new name. Everyone in the room hears of a join. Raises
    NameTaken with a free suggestion, CannotJoin when the member was removed.
    """
    for _try in range(TRIES):
        try:
            return _join(number, name, browser, user)
        except (IntegrityError, Room.DoesNotExist):
            continue  # somebody took the number or name, or deleted the room, just now
    raise CannotJoin


@transaction.atomic
def _join(number, name, browser, user):
    room = Room.objects.filter(number=number).first()
    room_is_new = room is None
    if room_is_new:
        room = _create_room(number, name)
    elif not RoomCounter.objects.hold(room.pk):
        raise Room.DoesNotExist
    membership = Membership.objects.filter(room=room, browser=browser).first()
    if membership and membership.is_removed:
        raise CannotJoin
    if membership and membership.is_active:
        return Joined(membership, room_is_new=False, was_member=True)
    _refuse_taken(room, name)
    membership = membership or Membership(room=room, browser=browser)
    membership.name, membership.name_key = name, name_key(name)
    membership.left_at = None
    membership.user = user or membership.user
    if room_is_new:
        membership.role = Membership.Role.OWNER
    membership.save()
    notice = Message.Notice.CREATED if room_is_new else Message.Notice.JOINED
    post_notice(room, notice, about=membership)
    return Joined(membership, room_is_new, was_member=False)


def _create_room(number, name):
    room = Room.objects.create(
        number=number, name=_("%(name)s's room") % {"name": name}
    )
    RoomCounter.objects.create(room=room)
    return room


def _refuse_taken(room, name):
    if not Membership.objects.filter(room=room).named(name_key(name)).exists():
        return
    for count in range(2, 10_000):
        ending = f" {count}"
        suggestion = name[: NAME_CHARACTERS - len(ending)] + ending
        taken = Membership.objects.filter(room=room).named(name_key(suggestion))
        if not taken.exists():
            raise NameTaken(name=name, suggestion=suggestion)
    raise CannotJoin
