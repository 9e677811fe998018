"""The socket of one browser in one room: shapes and rates are checked here, rules are
not. See docs/protocol.md for the frames."""

import asyncio
import json
import logging
import time
import uuid
from collections import Counter, deque
from importlib import import_module
from itertools import islice
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import Http404
from django.utils import translation

from rooms import actions, events, live, wiring
from rooms.access import membership_of
from rooms.exceptions import (
    BadClientId,
    BadFrame,
    NotAMember,
    Refusal,
    TooBusy,
    TooFast,
)
from rooms.limits import (
    BAD_FRAME_STRIKES,
    FRAME_BYTES,
    POST_BURST,
    POSTS_PER_SECOND,
    PRESENCE_NAMES,
    RESUME_SECONDS,
    SOCKETS_PER_MEMBER,
    STRIKE_SECONDS,
    TOO_FAST_STRIKES,
)
from rooms.live.frames import frame
from rooms.live.hub import GONE_SILENT

logger = logging.getLogger(__name__)

BAD_FRAMES = 4400
NOT_YOURS = 4404
TOO_MANY_SOCKETS = 4409
GOES_TOO_FAST = 4429
ASK_AGAIN = 4503
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
LANGUAGES = {code for code, _name in settings.LANGUAGES}


open_sockets = Counter()  # by member, in this process


class RoomConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None  # the hub listens for all sockets of the process
    socket = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.socket:
                self.deadline.cancel()
                open_sockets[self.member.pk] -= 1
                if not open_sockets[self.member.pk]:
                    del open_sockets[self.member.pk]
                self.hub.leave(self.member.room_id, self.socket)
                self.socket.forget()

    async def dispatch(self, message):
        """Without Channels' look at old connections: a thread hop for each frame."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self):
        await self.accept()
        try:
            self.member = await self._find_member()
        except Http404:
            await self.close(NOT_YOURS)
            return
        self.hub = wiring.hub()
        self.bucket = Bucket(POST_BURST, POSTS_PER_SECOND)
        self.too_fast = Strikes(TOO_FAST_STRIKES)
        self.bad_frames = Strikes(BAD_FRAME_STRIKES)
        self.socket = live.Socket(
            self._write,
            self.close,
            member_id=self.member.pk,
            person=(self.member.public_id, self.member.name),
            language=self._language(),
            prebuilt=self.scope.get("extensions", {}).get("websocket.prebuilt"),
        )
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(RESUME_SECONDS, self._close_unresumed)
        open_sockets[self.member.pk] += 1
        if open_sockets[self.member.pk] > SOCKETS_PER_MEMBER:
            self.socket.close(TOO_MANY_SOCKETS)

    async def receive(self, text_data=None, bytes_data=None):
        if self.socket is None or not self.socket.is_open:
            return
        self.socket.heard_at = time.monotonic()
        asked = {}
        try:
            with translation.override(self.socket.language):
                asked = read_frame(text_data)
                await self.VERBS[asked["type"]](self, asked)
        except Refusal as refusal:
            self._refuse(asked, refusal)
        except Exception:
            logger.exception("room socket: %s failed", asked.get("type"))
            self.socket.send(
                frame("refused", client_id=client_id_text(asked), code="server_error")
            )
            if asked.get("type") == "resume":  # it would wait here for nothing
                self.socket.close(ASK_AGAIN, after_frames=True)

    # Verbs of browsers

    async def resume(self, asked):
        change, epoch = asked.get("change"), asked.get("epoch")
        if type(change) is not int or not 0 <= change < 2**62:
            raise BadFrame
        room = self.member.room
        if epoch != room.epoch:
            self.socket.send(frame("reload", epoch=room.epoch))
            return
        missed = await self.hub.join(room.pk, self.socket, change)
        if missed is None:
            self.socket.close(NOT_YOURS)
        elif missed.events is None:
            self.socket.send(frame("reload", epoch=missed.epoch))
        else:
            people = live.people_here(room.pk)
            self.socket.send(
                frame(
                    "resumed",
                    change=self.socket.last,
                    here=named(people),
                    count=len(people),
                )
            )

    async def post(self, asked):
        if retry_after := self.bucket.take():
            raise TooFast(retry_after=retry_after)
        body = asked.get("body")
        if not isinstance(body, str):
            raise BadFrame
        draft = actions.Draft(self.member, read_client_id(asked), body)
        try:
            answer = await self.hub.writer.write(draft)
        except live.Busy as busy:
            raise TooBusy from busy
        if isinstance(answer, Refusal):
            raise answer
        if not answer.is_new:
            self.socket.send(await database_sync_to_async(self._state)(answer.message))

    async def heartbeat(self, asked):
        """The browser is alive; `heard_at` says so already."""

    VERBS = {"resume": resume, "post": post, "heartbeat": heartbeat}

    # Below the verbs

    def _close_unresumed(self):
        if self.socket.last is None:
            self.socket.close(GONE_SILENT)

    def _refuse(self, asked, refusal):
        answer = {"code": refusal.code, "client_id": client_id_text(asked)}
        with translation.override(self.socket.language):
            answer["reason"] = refusal.sentence
        if refusal.retry_after:
            answer["retry_after"] = refusal.retry_after
        self.socket.send(frame("refused", **answer))
        if isinstance(refusal, NotAMember):
            self.socket.close(events.NOT_A_MEMBER, after_frames=True)
        elif isinstance(refusal, TooFast) and self.too_fast.is_out():
            self.socket.close(GOES_TOO_FAST, after_frames=True)
        elif isinstance(refusal, BadFrame) and self.bad_frames.is_out():
            self.socket.close(BAD_FRAMES, after_frames=True)

    def _state(self, message):
        with translation.override(self.socket.language):
            return frame("state", events=[events.fields_of(message)])

    async def _write(self, text):
        await self.send(text_data=text)

    @database_sync_to_async
    def _find_member(self):
        key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        return membership_of(SessionStore(key), public_id)

    def _language(self):
        query = parse_qs(self.scope["query_string"].decode("latin1"))
        asked = query.get("language", [""])[0]
        return asked if asked in LANGUAGES else settings.LANGUAGE_CODE


class Bucket:
    """A token bucket: `size` at once, then `per_second`."""

    def __init__(self, size, per_second):
        self.size, self.per_second = size, per_second
        self.tokens, self.filled_at = float(size), time.monotonic()

    def take(self):
        """Take one and return 0, or return how many seconds to wait, rounded up."""
        now = time.monotonic()
        self.tokens += (now - self.filled_at) * self.per_second
        self.tokens, self.filled_at = min(self.tokens, float(self.size)), now
        if self.tokens < 1:
            return 1
        self.tokens -= 1
        return 0


class Strikes:
    """Counts mistakes; patience ends after `most` within STRIKE_SECONDS."""

    def __init__(self, most):
        self.times = deque(maxlen=most + 1)

    def is_out(self):
        self.times.append(time.monotonic())
        full = len(self.times) == self.times.maxlen
        return full and self.times[-1] - self.times[0] < STRIKE_SECONDS


def read_frame(text):
    """Return a browser's frame as a dict whose `type` is a known verb.

    Raises BadFrame for everything else: binary, no JSON, wrong shapes, unknown types.
    """
    if text is None or len(text) > FRAME_BYTES:
        raise BadFrame
    try:
        asked = json.loads(
            text, parse_constant=refuse_constant, object_pairs_hook=unique
        )
    except (ValueError, RecursionError) as mistake:
        raise BadFrame from mistake
    if not isinstance(asked, dict) or not isinstance(asked.get("type"), str):
        raise BadFrame
    if asked["type"] not in RoomConsumer.VERBS:
        raise BadFrame
    return asked


def unique(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands twice")
    return fields


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")  # RFC 8259 has no NaN and no Infinity


def named(people):
    """Return at most PRESENCE_NAMES people as the frames list them."""
    some = islice(people.items(), PRESENCE_NAMES)
    return [{"id": public_id, "name": name} for public_id, name in some]


def read_client_id(asked):
    try:
        return uuid.UUID(asked["client_id"])
    except (KeyError, TypeError, ValueError, AttributeError) as mistake:
        raise BadClientId from mistake


def client_id_text(asked):
    """Return the frame's client id to answer with, or None when it is none."""
    try:
        return str(read_client_id(asked))
    except BadClientId:
        return None
