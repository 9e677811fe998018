"""A file and who asks for it: loading both is the check."""

from functools import wraps

from asgiref.sync import sync_to_async
from django.http import Http404
from django.shortcuts import redirect

from rooms.access import browser_of, membership_of
from rooms.models import Attachment


def file_required(view):
    """Give an async view the caller's membership and a ready file of the room.

    Browsers that never joined anything go to the welcome page; for all others who may
    not have it, and while it is uploading, there is no such file.
    """

    @wraps(view)
    async def wrapped(request, public_id, attachment_id):
        found = await sync_to_async(find)(request.session, public_id, attachment_id)
        if found is None:
            return redirect("rooms:welcome")
        return await view(request, *found)

    return wrapped


def find(session, public_id, attachment_id):
    if browser_of(session) is None:
        return None
    membership = membership_of(session, public_id)
    files = Attachment.objects.visible_to(membership).ready()
    attachment = files.filter(public_id=attachment_id).first()
    if attachment is None:
        raise Http404
    return membership, attachment
