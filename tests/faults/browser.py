"""One member at one screen: what elements/chat-room.js does, written into a ledger."""

import asyncio
import re
import uuid

import requests

from tests.faults.delivery import Delivery
from tests.faults.line import Line

ARTICLE = re.compile(
    r'<article class="message[^"]*"[^>]*? data-position="(\d+)"'
    r'[^>]*? data-client-id="([^"]+)"'
)
FACT = r'<chat-room[^>]*? data-{}="([^"]*)"'
OLDER = re.compile(r'data-older>\s*<a [^>]*href="([^"]+)"')
RELOAD_SECONDS = 2


class Browser:
    def __init__(self, name, member, addresses, *, ledger, dice):
        self.name, self.room, self.epoch = name, member.room, member.epoch
        self.page_path = f"/rooms/{self.room}/"
        self.addresses, self.dice, self.ledger = addresses, dice, ledger
        self.cookie = f"sessionid={member.session_key}"
        self.change = 0
        self.view = ledger.open_view(name, self.room)
        path = f"{self.page_path}socket/?language=en"
        self.line = Line(addresses, path, self.cookie, dice=dice, owner=self)
        self.delivery = Delivery(self.line.send, ledger.refuse)
        self.is_online = asyncio.Event()
        self._reloading = None

    def write(self, body):
        """Press Enter; return the message's client id."""
        client_id = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.ledger.write(self.name, client_id)
        self.delivery.add(client_id, body)
        return client_id

    # What the line tells

    def opened(self):
        self.line.send({"type": "resume", "change": self.change, "epoch": self.epoch})

    def lost(self, code):
        self.is_online.clear()
        self.delivery.offline()

    def heard(self, frame):
        take = getattr(self, f"_take_{frame['type']}")
        take(frame)

    def _take_changes(self, frame):
        if frame["first"] > self.change + 1:
            self.opened()
        elif frame["last"] > self.change:
            self.change = frame["last"]
            self._show(frame["events"], is_live=True)

    def _take_state(self, frame):
        self._show(frame["events"])

    def _take_resumed(self, frame):
        self.is_online.set()
        self.delivery.online()

    def _take_presence(self, frame):
        """Not the ledger's concern."""

    def _take_heartbeat(self, frame):
        self.line.send({"type": "heartbeat"})
        if frame["head"] > self.change:
            self.opened()

    def _take_refused(self, frame):
        self.delivery.refused(frame)

    def _take_reload(self, frame):
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(self._reload())

    def _show(self, events, *, is_live=False):
        for event in events:
            self.view.hear(event["change"])
            if event["type"] == "message.posted":
                is_new = is_live and event["change"] == event["position"]
                self.view.show(event["position"], event["client_id"], is_live=is_new)
            self._confirm(event["client_id"])

    def _confirm(self, client_id):
        if client_id in self.delivery.outbox:
            self.ledger.acknowledge(client_id)
            self.delivery.confirmed(client_id)

    # Pages

    async def _reload(self):
        """Take the newest page, and scroll back to what was known before."""
        try:
            pages = await asyncio.to_thread(self._read_pages, self.change)
        except (OSError, ValueError):
            await asyncio.sleep(RELOAD_SECONDS)
        else:
            self._show_pages(pages)
        self.opened()

    def _read_pages(self, known):
        pages = [self._get(self.page_path)]
        while older := OLDER.search(pages[-1]):
            if int(older[1].rpartition("=")[2]) <= known:
                break
            pages.append(self._get(older[1].partition("#")[0]))
        return pages

    def _get(self, path):
        url = self.dice.choice(self.addresses) + path
        headers = {"Cookie": self.cookie}
        answer = requests.get(url, headers=headers, timeout=10, allow_redirects=False)
        if answer.status_code != 200:
            raise ValueError(answer.status_code)
        return answer.text

    def _show_pages(self, pages):
        for page in pages:
            for position, client_id in ARTICLE.findall(page):
                self.view.show(int(position), client_id)
                self._confirm(client_id)
        self.change = int(re.search(FACT.format("change"), pages[0])[1])
        self.epoch = re.search(FACT.format("epoch"), pages[0])[1]
