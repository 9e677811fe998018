from django.db import transaction

from rooms.actions.delete_attachment import delete_attachment
from rooms.models import RoomCounter


def give_up_uploads(attachments):
    """Delete those of `attachments` (a queryset) that are not finished, bytes too.

    Everyone in their rooms is told. What was finished meanwhile, or does not belong to
    the queryset any more, stays. Returns how many were given up.
    """
    uploads = attachments.uploading()
    return sum(_give_up(uploads, attachment) for attachment in list(uploads))


@transaction.atomic
def _give_up(uploads, attachment):
    RoomCounter.objects.hold(attachment.room_id)
    if not uploads.filter(pk=attachment.pk).exists():
        return False
    delete_attachment(attachment)
    return True
