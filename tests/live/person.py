"""Somebody at another computer: the welcome form, the room page, a socket."""

import json
import re
import time
import uuid

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FACT = 'data-{}="([^"]*)"'


class Person:
    def __init__(self, url, name, *, language="en"):
        self.url, self.name, self.language = url, name, language
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = language
        self.socket = None
        self.seen = {}  # position -> event, as a browser holds them

    def get(self, path, **options):
        return self.http.get(self.url + path, timeout=30, **options)

    def submit(self, path, page_path="/", **options):
        data = dict(options.pop("data", {}))
        data["csrfmiddlewaretoken"] = TOKEN.search(self.get(page_path).text)[1]
        return self.http.post(self.url + path, data=data, timeout=60, **options)

    def join(self, number):
        answer = self.submit("/", data={"name": self.name, "number": number})
        assert answer.status_code == 200, answer.text
        self.page_path = answer.request.path_url
        self.read_page(answer.text)
        return self

    def read_page(self, html):
        self.member_id = self._fact("member-id", html)
        self.change = int(self._fact("change", html))
        self.epoch = self._fact("epoch", html)

    def _fact(self, name, html):
        return re.search(FACT.format(name), html)[1]

    def post_form(self, body, files=(), client_id=None):
        return self.submit(
            self.page_path + "messages/",
            self.page_path,
            data={"client_id": client_id or str(uuid.uuid4()), "body": body},
            files=[("files", file) for file in files] or None,
            headers={"Accept": "application/json"},
        )

    def connect(self, url=None, *, resume=True, origin="same"):
        """Open the socket (to another server of the same site when given its url)."""
        url = url or self.url
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies)
        self.socket = connect(
            f"{url.replace('http', 'ws', 1)}{self.page_path}socket/"
            f"?language={self.language}",
            origin=url if origin == "same" else origin,
            additional_headers={"Cookie": cookies},
            compression=None,
            max_size=None,
            legacy=True,
        )
        if resume:
            self.send(type="resume", change=self.change, epoch=self.epoch)
            self.hear("resumed")
        return self

    def send(self, **frame):
        self.socket.send(json.dumps(frame))

    def post(self, body, client_id=None):
        client_id = client_id or str(uuid.uuid4())
        self.send(type="post", client_id=client_id, body=body)
        return client_id

    def listen(self, seconds=10):
        """Return the next frame, kept as a browser would keep it."""
        frame = json.loads(self.socket.recv(timeout=max(seconds, 0)))
        if frame["type"] == "changes" and frame["last"] > self.change:
            assert frame["first"] <= self.change + 1, "a gap"
            self.change = frame["last"]
        if frame["type"] in {"changes", "state"}:
            self.seen |= {event["position"]: event for event in frame["events"]}
        if frame["type"] == "heartbeat":
            self.send(type="heartbeat")
        return frame

    def hear(self, type_, seconds=10):
        """Listen until a frame of this type comes."""
        end = time.monotonic() + seconds
        while True:
            frame = self.listen(end - time.monotonic())
            if frame["type"] == type_:
                return frame

    def hear_body(self, text, seconds=10):
        """Listen until a message with this text came."""
        end = time.monotonic() + seconds
        while not (found := [e for e in self.seen.values() if text in e["html"]]):
            self.listen(end - time.monotonic())
        return found[0]

    def hear_nothing(self, type_, seconds):
        """Listen for `seconds`; return the frames of a type that came all the same."""
        heard = []
        try:
            while True:
                frame = self.listen(seconds)
                if frame["type"] == type_:
                    heard.append(frame)
        except TimeoutError:
            return heard

    def close_code(self, seconds=10):
        """Listen until the server hangs up; return its close code."""
        try:
            while True:
                self.listen(seconds)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def bodies(self):
        """The texts of posted messages in order, as the browser shows them."""
        inner = re.compile(r'<div class="message__body"[^>]*>\s*<p>(.*?)</p>', re.S)
        shown = [inner.search(self.seen[p]["html"]) for p in sorted(self.seen)]
        return [found[1] for found in shown if found]
