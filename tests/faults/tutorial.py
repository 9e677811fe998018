"""The stock chat of the Channels tutorial under the same driver. It has no order, no
acknowledgement and no memory: a browser takes its own echo for an answer."""

from tests.faults.browser import Browser
from tests.faults.delivery import Delivery
from tests.faults.site import Member, Site

SETTINGS = {"DJANGO_SETTINGS_MODULE": "bench.tutorial.settings"}
APPLICATION = "bench.tutorial.asgi:application"


def command(port):
    return ["-m", "daphne", "-p", str(port), APPLICATION]


class TutorialBrowser(Browser):
    def __init__(self, name, member, addresses, *, ledger, dice):
        super().__init__(name, member, addresses, ledger=ledger, dice=dice)
        self.line.path, self.line.cookie = f"/ws/chat/{self.room}/", None
        self.delivery = Delivery(self._send, ledger.refuse)

    def opened(self):
        self.is_online.set()
        self.delivery.online()

    def heard(self, frame):
        client_id = frame["message"]
        self.view.show(len(self.view.shown), client_id)
        self._confirm(client_id)

    def _send(self, frame):
        self.line.send({"message": frame["client_id"]})


class TutorialSite(Site):
    """Its only record is the screen of who saw most."""

    crowd = None

    def make_members(self, rooms, members):
        return [
            Member(room, "", "", f"Member {number}")
            for room in range(rooms)
            for number in range(members)
        ]

    def stored(self):
        rooms = {}
        for view in self.crowd.ledger.views.values():
            seen = list(dict.fromkeys(view.client_ids))
            rooms[view.room] = max(rooms.get(view.room, []), seen, key=len)
        return rooms
