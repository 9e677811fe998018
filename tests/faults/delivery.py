"""The outbox and its one message at a time: models/outbox.js and models/delivery.js."""

import asyncio

from tests.faults.manners import ANSWER_WITHIN


class Delivery:
    def __init__(self, send, give_up):
        self.outbox = {}  # client id -> body, in order
        self._send = send
        self._give_up = give_up  # called with what is refused for good
        self._is_online = False
        self._waiting = None
        self._timer = None

    def add(self, client_id, body):
        self.outbox[client_id] = body
        self._next()

    def online(self):
        self._is_online = True
        self._waiting = None
        self._next()

    def offline(self):
        self._is_online = False
        self._stop_timer()

    def confirmed(self, client_id):
        self.outbox.pop(client_id, None)
        self._settle(client_id)

    def refused(self, frame):
        client_id = frame.get("client_id")
        if client_id not in self.outbox:
            return
        if seconds := frame.get("retry_after"):
            self._settle_in(seconds, client_id)
            return
        del self.outbox[client_id]
        self._give_up(client_id, frame["code"])
        self._settle(client_id)

    def _settle(self, client_id):
        if self._waiting == client_id:
            self._waiting = None
        self._next()

    def _next(self):
        if not self._is_online or self._waiting or not self.outbox:
            return
        client_id, body = next(iter(self.outbox.items()))
        self._waiting = client_id
        self._send({"type": "post", "client_id": client_id, "body": body})
        self._settle_in(ANSWER_WITHIN, client_id)

    def _settle_in(self, seconds, client_id):
        self._stop_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._settle, client_id)

    def _stop_timer(self):
        if self._timer:
            self._timer.cancel()
