"""The sockets of browsers. See docs/protocol.md for the frames."""

from rooms.consumers.room import RoomConsumer, open_sockets

__all__ = ["RoomConsumer", "open_sockets"]
