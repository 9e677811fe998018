"""Who is here: members with an open socket, in this process and in the others."""

import time

REMOTE_SECONDS = 20  # a process that was silent for so long is gone


class Presence:
    """The people of one room. People are {public id: name}."""

    def __init__(self):
        self.here = {}
        self._local = {}  # socket -> (public id, name)
        self._remote = {}  # process -> (heard at, people)

    def arrive(self, socket):
        self._local[socket] = socket.person

    def depart(self, socket):
        self._local.pop(socket, None)

    @property
    def local(self):
        return dict(self._local.values())

    def hear(self, process, people):
        """Another process told who is in the room there."""
        self._remote[process] = (time.monotonic(), people)

    def refresh(self):
        """Recount, and return (who came, whose ids went) since the last time."""
        oldest = time.monotonic() - REMOTE_SECONDS
        self._remote = {p: r for p, r in self._remote.items() if r[0] > oldest and r[1]}
        now = self.local
        for _heard_at, people in self._remote.values():
            now.update(people)
        came = {i: name for i, name in now.items() if self.here.get(i) != name}
        went = [i for i in self.here if i not in now]
        self.here = now
        return came, went
