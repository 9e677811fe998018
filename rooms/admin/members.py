from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from rooms import actions
from rooms.admin.base import ThroughActions, link
from rooms.models import Membership


@admin.register(Membership)
class MembershipAdmin(ThroughActions):
    list_display = ("name", "room_link", "role", "joined_at", "left_at", "is_removed")
    list_filter = (
        "role",
        "is_removed",
        "joined_at",
        ("left_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("room",)
    search_fields = ("name", "room__name")
    fields = ("name", "room_link", "role", "user", "joined_at", "left_at", "is_removed")
    actions = ("remove_members",)

    def lookup_allowed(self, lookup, value, request=None):
        allowed = {"room__id__exact", "left_at__isnull"}
        return lookup in allowed or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("room"), ordering="room__name")
    def room_link(self, membership):
        return link("rooms_room_change", membership.room, membership.room_id)

    @admin.action(description=_("Remove from the room"), permissions=["change"])
    def remove_members(self, request, queryset):
        for membership in queryset:
            actions.remove_member(membership)

    def has_delete_permission(self, request, obj=None):
        """Members are removed; their row stays as the author of what they wrote."""
        return False
