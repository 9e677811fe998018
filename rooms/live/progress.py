"""How far uploads have come: told at most twice a second for each room, not kept."""

from rooms.live.frames import frame
from rooms.live.room import LiveRoom

PROGRESS_SECONDS = 0.5


class Progress:
    def __init__(self, hub):
        self.hub = hub
        self._ours = {}  # {room id: {file id: bytes}}, what the other processes lack
        self._untold = {}  # the same, what the browsers here lack

    def take(self, room_id, files):
        """Files of this process's uploads have come so far, {id: bytes}."""
        self._ours.setdefault(room_id, {}).update(files)
        self.hear(room_id, files)

    def hear(self, room_id, files):
        """The same of any process."""
        if room_id not in self._untold:
            self.hub.loop.call_later(PROGRESS_SECONDS, self._tell, room_id)
        self._untold.setdefault(room_id, {}).update(files)

    def _tell(self, room_id):
        files, ours = self._untold.pop(room_id), self._ours.pop(room_id, None)
        room = self.hub.rooms.get(room_id)
        if room:
            room.send(frame("progress", files=files))
        if ours:
            room = room or LiveRoom.unopened(room_id, 0)
            self.hub.neighbours.tell_progress(room, ours)
