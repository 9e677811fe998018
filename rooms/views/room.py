import uuid

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from rooms import actions, live
from rooms.access import member_required
from rooms.models import Message, RoomCounter

UNFINISHED_SHOWN = 10


@never_cache
@require_safe
@member_required
def room(request, membership):
    return room_page(request, membership)


@never_cache
@require_POST
@member_required
def leave(request, membership):
    actions.leave_room(membership)
    return redirect("rooms:welcome")


def room_page(request, membership, *, refusal=None, body="", client_id=None):
    """Render the room with one page of its history; a refused post keeps its text."""
    # The head is read first: what comes between is sent again, not missed.
    counter = get_object_or_404(RoomCounter, room=membership.room_id)
    before = _position(request.GET.get("before"))
    rows = Message.objects.filter(room=membership.room)
    history, has_older = rows.page(before=before)
    is_newest = has_older and not before
    unfinished = unfinished_before(history, membership) if is_newest else []
    context = {
        "room": membership.room,
        "member": membership,
        "here": live.people_here(membership.room_id)
        | {membership.public_id: membership.name},
        "history": history,
        "has_older": has_older,
        "unfinished": unfinished,
        "before": before,
        "head": counter.last_change,
        "refusal": refusal,
        "body": body,
        "client_id": client_id or uuid.uuid4(),
    }
    status = refusal.status if refusal else 200
    return render(request, "rooms/room.html", context, status=status)


def unfinished_before(history, membership):
    """Return own uploads whose cards this page does not reach, the newest first."""
    uploads = membership.room.attachments.sent_by(membership).uploading()
    uploads = uploads.before(history[0].position).select_related("message")
    return uploads.order_by("-pk")[:UNFINISHED_SHOWN]


def _position(text):
    """Return a position from the address, or None for the newest page."""
    if text and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    return None
