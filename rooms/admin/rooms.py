from django.contrib import admin
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from rooms import actions
from rooms.admin.base import ThroughActions, link, per_row
from rooms.models import Attachment, Membership, Message, Room


@admin.register(Room)
class RoomAdmin(ThroughActions):
    list_display = ("name", "members", "history", "files", "total_size", "created_at")
    list_filter = ("created_at",)
    date_hierarchy = "created_at"
    fields = ("name", "shown_number", "public_id", "created_at", "members", "history")
    fields += ("files", "total_size")
    editable = ("name",)

    def get_queryset(self, request):
        files = Attachment.objects.all()
        return (
            super()
            .get_queryset(request)
            .annotate(
                member_count=per_row(Membership.objects.active(), "room", Count("pk")),
                message_count=per_row(Message.objects.all(), "room", Count("pk")),
                file_count=per_row(files, "room", Count("pk")),
                file_bytes=per_row(files, "room", Sum("size")),
            )
        )

    def lookup_allowed(self, lookup, value, request=None):
        if lookup.startswith("number") and not (request and may_see_numbers(request)):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_search_fields(self, request):
        fields = ("name", "public_id", "memberships__name")
        return fields + (("=number",) if may_see_numbers(request) else ())

    def get_fields(self, request, obj=None):
        hidden = set() if may_see_numbers(request) else {"shown_number"}
        return [name for name in self.fields if name not in hidden]

    @admin.display(description=_("number"))
    def shown_number(self, room):
        return room.number

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, room):
        query = {"room__id__exact": room.pk, "left_at__isnull": 1}
        return link("rooms_membership_changelist", room.member_count, **query)

    @admin.display(description=_("messages"), ordering="message_count")
    def history(self, room):
        query = {"room__id__exact": room.pk}
        return link("rooms_message_changelist", room.message_count, **query)

    @admin.display(description=_("files"), ordering="file_count")
    def files(self, room):
        query = {"room__id__exact": room.pk}
        return link("rooms_attachment_changelist", room.file_count, **query)

    @admin.display(description=_("total size"), ordering="file_bytes")
    def total_size(self, room):
        return filesizeformat(room.file_bytes)

    def save_model(self, request, obj, form, change):
        if "name" in form.changed_data:
            actions.rename_room(obj, obj.name)

    def delete_one(self, row):
        actions.delete_room(row)


def may_see_numbers(request):
    return request.user.has_perm("rooms.view_number")
