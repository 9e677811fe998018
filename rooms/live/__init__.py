"""The real-time engine: who hears what, now, in every process.

Knows frames, sockets and change numbers; knows no rules and no models. What it must ask
of the database it is given as functions (see rooms/wiring.py). The only user of the
channel layer.
"""

from rooms.live.announcing import (
    announce,
    announce_changed_sessions,
    announce_closed_room,
    announce_for,
    announce_progress,
    finish,
    is_degraded,
    people_here,
    receive,
    receive_soon,
    relay_to,
)
from rooms.live.frames import Batch, Event, Head, Missed
from rooms.live.hub import Hub
from rooms.live.socket import Socket
from rooms.live.writer import Busy

__all__ = [
    "Batch",
    "Busy",
    "Event",
    "Head",
    "Hub",
    "Missed",
    "Socket",
    "announce",
    "announce_changed_sessions",
    "announce_closed_room",
    "announce_for",
    "announce_progress",
    "finish",
    "is_degraded",
    "people_here",
    "receive",
    "receive_soon",
    "relay_to",
]
