"""Facts and constraints. Nothing here changes other rows or tells anybody."""

from rooms.models.attachment import Attachment
from rooms.models.membership import Membership
from rooms.models.message import Message
from rooms.models.receipt import Receipt
from rooms.models.room import Room, RoomCounter

__all__ = ["Attachment", "Membership", "Message", "Receipt", "Room", "RoomCounter"]
