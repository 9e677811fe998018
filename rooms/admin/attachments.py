from django.contrib import admin
from django.db.models import Count
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.translation import gettext_lazy as _

from rooms import actions
from rooms.admin.base import ThroughActions, link, per_row
from rooms.admin.previews import preview_response
from rooms.forms import ShelfForm
from rooms.models import Attachment, Receipt


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [choice for choice in ShelfForm.KINDS if choice[0]]

    def queryset(self, request, queryset):
        return queryset.of_kind(self.value()) if self.value() else queryset


@admin.register(Attachment)
class AttachmentAdmin(ThroughActions):
    list_display = ("name", "room_link", "sender", "shown_size", "content_type")
    list_display += ("state", "receipts", "uploaded_at", "shown_preview")
    list_filter = ("state", KindFilter, "preview", "uploaded_at")
    list_select_related = ("room", "message")
    date_hierarchy = "uploaded_at"
    search_fields = ("name", "sha256", "message__author_name", "room__name")
    fields = ("name", "room_link", "sender", "shown_size", "content_type", "sha256")
    fields += ("state", "expires_at", "receivers", "uploaded_at", "shown_preview")

    def get_queryset(self, request):
        receipts = per_row(Receipt.objects.all(), "attachment", Count("pk"))
        return super().get_queryset(request).annotate(receipt_count=receipts)

    def get_urls(self):
        view = self.admin_site.admin_view(self.preview_view)
        route = path("<int:pk>/preview/", view, name="rooms_attachment_preview")
        return [route, *super().get_urls()]

    def lookup_allowed(self, lookup, value, request=None):
        return lookup == "room__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    @admin.display(description=_("room"), ordering="room__name")
    def room_link(self, attachment):
        room = attachment.room
        return link("rooms_room_change", room, room.pk)

    @admin.display(description=_("sender"), ordering="message__author_name")
    def sender(self, attachment):
        return attachment.message.author_name

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, attachment):
        return filesizeformat(attachment.size)

    @admin.display(description=_("receipts"), ordering="receipt_count")
    def receipts(self, attachment):
        return attachment.receipt_count

    @admin.display(description=_("received by"))
    def receivers(self, attachment):
        return ", ".join(attachment.receivers)

    @admin.display(description=_("preview"))
    def shown_preview(self, attachment):
        return link("rooms_attachment_preview", _("Preview"), attachment.pk)

    def preview_view(self, request, pk):
        attachment = self.get_object(request, str(pk))
        if attachment is None or not self.has_view_permission(request, attachment):
            raise Http404
        return preview_response(attachment)

    def delete_one(self, row):
        actions.delete_attachment(row)
