"""How a membership ends, by its member's wish or another's."""

from django.db import transaction
from django.utils import timezone

from rooms.actions.give_up_uploads import give_up_uploads
from rooms.actions.notices import post_notice
from rooms.models import Attachment, Membership, RoomCounter


@transaction.atomic
def end_membership(membership, notice, *, is_removed):
    RoomCounter.objects.hold(membership.room_id)
    ended = Membership.objects.active().filter(pk=membership.pk)
    now = timezone.now()
    if ended.update(left_at=now, is_removed=is_removed):
        membership.left_at, membership.is_removed = now, is_removed
        post_notice(membership.room, notice, about=membership)
        # Not in this transaction, which holds the counter: it may take long.
        transaction.on_commit(lambda: give_up_uploads_of(membership), robust=True)
    elif is_removed:
        Membership.objects.filter(pk=membership.pk).update(is_removed=True)


def give_up_uploads_of(membership):
    give_up_uploads(Attachment.objects.sent_by(membership))
