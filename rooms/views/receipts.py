"""Who has a file: noted when its last byte was sent, or when a browser says so."""

from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from rooms import actions, live
from rooms.exceptions import TooBusy
from rooms.views.finding import file_required
from rooms.views.refusing import refused_response


@require_POST
@file_required
async def received(request, membership, attachment):
    """204 once it is stored that the member has the file."""
    receipt = (attachment.pk, membership.pk)
    try:
        if not await live.receive(receipt):
            await sync_to_async(actions.receive_file)(attachment, membership)
    except live.Busy:
        return refused_response(TooBusy())
    return HttpResponse(status=204)


async def note_receipt(membership, *attachments):
    """Have it stored soon that the member has these files; nobody waits for it."""
    for attachment in attachments:
        if not live.receive_soon((attachment.pk, membership.pk)):
            await sync_to_async(actions.receive_file)(attachment, membership)
