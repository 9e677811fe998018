"""The page of a room's files, and taking files back."""

from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import Case, F, When, Window
from django.db.models.functions import Lower, RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from rooms import actions
from rooms.access import member_required
from rooms.exceptions import NotYours
from rooms.forms import ShelfForm
from rooms.limits import (
    MEMBER_FILES_BYTES,
    ROOM_FILES_BYTES,
    SHELF_PAGE,
    SHELF_VERSIONS,
    ZIP_FILES,
)
from rooms.models import Attachment, Membership
from rooms.views.refusing import refused_response

ORDERS = {
    "newest": ["-pk"],
    "oldest": ["pk"],
    "name": [Lower("name"), "-pk"],
    "largest": ["-size", "-pk"],
    "smallest": ["size", "-pk"],
    "type": ["content_type", Lower("name"), "-pk"],
}


@never_cache
@require_safe
@member_required
def shelf(request, membership):
    """The files by name: of each its newest version, and the older ones under it."""
    return shelf_page(request, membership)


@never_cache
@require_POST
@member_required
def delete_file(request, membership, attachment_id):
    files = Attachment.objects.visible_to(membership).select_related("message")
    attachment = get_object_or_404(files, public_id=attachment_id)
    if not attachment.can_be_deleted_by(membership):
        return refused(request, membership, NotYours())
    actions.delete_attachment(attachment)
    if request.accepts("text/html"):
        return redirect("rooms:shelf", membership.room.public_id)
    return HttpResponse(status=204)


def refused(request, membership, refusal):
    if request.accepts("text/html"):
        return shelf_page(request, membership, refusal=refusal)
    return refused_response(refusal)


def shelf_page(request, membership, *, refusal=None):
    files = Attachment.objects.visible_to(membership)
    senders = Membership.objects.filter(history__attachments__room=membership.room)
    form = ShelfForm(request.GET, senders=senders.distinct().order_by("name"))
    wanted = form.wanted()
    found = chosen(files, wanted)
    newest = found.newest_versions().order_by(*ORDERS[wanted["sort"]])
    page = Paginator(newest, SHELF_PAGE).get_page(request.GET.get("page"))
    context = {
        "room": membership.room,
        "form": form,
        "wanted": wanted,
        "page": page,
        "names": grouped(page, found, membership),
        "is_narrowed": any(wanted[field] for field in ("q", "kind", "member")),
        "zip_is_part": files.ready().count() > ZIP_FILES,
        "room_space": Space(files.bytes(), ROOM_FILES_BYTES),
        "my_space": Space(
            files.filter(message__author=membership).bytes(), MEMBER_FILES_BYTES
        ),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "rooms/files.html", context, status=status)


class Space(NamedTuple):
    """Bytes that are taken, of so many."""

    used: int
    most: int

    @property
    def left(self):
        return max(0, self.most - self.used)


def chosen(files, wanted):
    if wanted["kind"]:
        files = files.of_kind(wanted["kind"])
    if wanted["member"]:
        files = files.filter(message__author__public_id=wanted["member"])
    return files.filter(name__icontains=wanted["q"]) if wanted["q"] else files


def grouped(page, found, membership):
    """Return [(newest, older ones)] of the page's names, at most SHELF_VERSIONS each.

    The newest is a ready one, if any is: what is on its way comes after them.

    Each file knows, as `may_delete`, whether this member may delete it.
    """
    newest = list(page.object_list.values_list("pk", "name"))
    ready_first = Case(When(state=Attachment.State.READY, then=0), default=1)
    order = [ready_first, F("pk").desc()]
    age = Window(RowNumber(), partition_by=F("name"), order_by=order)
    rows = found.filter(name__in=[name for _pk, name in newest]).annotate(age=age)
    versions = {}
    rows = rows.filter(age__lte=SHELF_VERSIONS).order_by("age")
    for file in rows.select_related("message"):
        file.may_delete = file.can_be_deleted_by(membership)
        versions.setdefault(file.name, []).append(file)
    return [(versions[name][0], versions[name][1:]) for _pk, name in newest]
