from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from rooms import actions
from rooms.admin.base import ThroughActions, link
from rooms.models import Message


@admin.register(Message)
class MessageAdmin(ThroughActions):
    list_display = (
        "posted_at",
        "author_name",
        "room_link",
        "notice",
        "excerpt",
        "is_gone",
    )
    list_filter = ("notice", "posted_at", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("room",)
    search_fields = ("author_name", "body", "room__name")
    fields = ("room_link", "author_name", "notice", "body", "posted_at", "deleted_at")
    ordering = ("-pk",)

    def lookup_allowed(self, lookup, value, request=None):
        return lookup == "room__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    @admin.display(description=_("room"), ordering="room__name")
    def room_link(self, message):
        return link("rooms_room_change", message.room, message.room_id)

    @admin.display(description=_("text"))
    def excerpt(self, message):
        return message.body[:80]

    @admin.display(description=_("deleted"), boolean=True)
    def is_gone(self, message):
        return message.is_deleted

    def has_delete_permission(self, request, obj=None):
        is_notice = obj is not None and obj.is_notice
        return not is_notice and super().has_delete_permission(request, obj)

    def delete_one(self, row):
        actions.delete_message(row)
