"""The Django admin: look, search, and change only through the actions."""

from rooms.admin.attachments import AttachmentAdmin
from rooms.admin.members import MembershipAdmin
from rooms.admin.messages import MessageAdmin
from rooms.admin.rooms import RoomAdmin

__all__ = ["AttachmentAdmin", "MembershipAdmin", "MessageAdmin", "RoomAdmin"]
