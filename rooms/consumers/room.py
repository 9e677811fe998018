"""The socket of one browser in one room: shapes and rates are checked here, rules are
not."""

import asyncio
import logging
import math
import time
from itertools import islice
from operator import attrgetter
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation

from rooms import actions, events, limits, live, wiring
from rooms.consumers.patience import Bucket, Strikes
from rooms.consumers.reading import (
    client_id_text,
    read_change,
    read_client_id,
    read_files,
    read_frame,
)
from rooms.exceptions import (
    DATABASE_AWAY,
    BadFrame,
    NotAMember,
    Refusal,
    TooBusy,
    TooFast,
)
from rooms.live.clock import GONE_SILENT
from rooms.live.frames import frame

logger = logging.getLogger(__name__)

BAD_FRAMES = 4400
NOT_YOURS = 4404
TOO_MANY_SOCKETS = 4409
GOES_TOO_FAST = 4429
ASK_AGAIN = 4503
LANGUAGES = {code for code, _name in settings.LANGUAGES}

open_sockets = {}  # {member id: their sockets in this process, a tuple}


class RoomConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None  # the hub listens for all sockets of the process
    socket = None

    async def __call__(self, scope, receive, send):
        """Take frames one by one until the end.

        Unlike Channels' own loop it makes no task and no thread hop for each frame.
        """
        self.scope, self.base_send = scope, send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            if self.socket:
                self._end()

    async def dispatch(self, message):
        if message["type"] == "websocket.receive":
            await self.receive(message.get("text"))
        else:
            await getattr(self, get_handler_name(message))(message)

    async def connect(self):
        await self.accept()
        self.hub = wiring.hub()
        key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        try:
            found = await self.hub.ask(wiring.find_member, key, public_id)
        except DATABASE_AWAY as away:
            logger.warning("room socket: the database fails (%r)", away)
            return await self.close(ASK_AGAIN)
        if found is None:
            return await self.close(NOT_YOURS)
        self.member, login = found
        self.bucket = Bucket(limits.POST_BURST, limits.POSTS_PER_SECOND)
        self.too_fast = Strikes(limits.TOO_FAST_STRIKES)
        self.bad_frames = Strikes(limits.BAD_FRAME_STRIKES)
        self.socket = live.Socket(
            self._write,
            self.close,
            member_id=self.member.pk,
            person=(self.member.public_id, self.member.name),
            language=self._language(),
            session=login,
            prebuilt=self.scope.get("extensions", {}).get("websocket.prebuilt"),
        )
        self._begin()

    async def websocket_disconnect(self, message):
        raise StopConsumer

    async def receive(self, text_data=None):
        if self.socket is None or not self.socket.is_open:
            return
        self.socket.heard_at = math.inf  # not silent while it waits for this answer
        asked = {}
        try:
            asked = read_frame(text_data, self.VERBS)
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
        finally:
            self.socket.heard_at = time.monotonic()

    # Verbs of browsers

    async def resume(self, asked):
        change, epoch = read_change(asked), asked.get("epoch")
        room_id = self.member.room_id
        missed = await self.hub.join(room_id, self.socket, change, epoch)
        if missed is None:
            self.socket.close(NOT_YOURS)
        elif missed.events is None:
            self.socket.send(frame("reload", epoch=missed.epoch))
        else:
            people = live.people_here(room_id)
            here, count = named(people), len(people)
            last = self.socket.last
            self.socket.send(frame("resumed", change=last, here=here, count=count))

    async def post(self, asked):
        if retry_after := self.bucket.take():
            raise TooFast(retry_after=retry_after)
        body = asked.get("body")
        if not isinstance(body, str):
            raise BadFrame
        files = tuple(
            actions.announce_file(name, size, place)
            for place, (name, size) in enumerate(read_files(asked))
        )
        draft = actions.Draft(self.member, read_client_id(asked), body, files)
        try:
            answer = await self.hub.writer.write(draft)
        except live.Busy as busy:
            raise TooBusy from busy
        if isinstance(answer, Refusal):
            raise answer
        if not answer.is_new:
            fields = events.fields_of(answer.message, self.socket.language)
            self.socket.send(frame("state", events=[fields]))

    async def heartbeat(self, asked):
        """The browser is alive; `heard_at` says so already."""

    VERBS = {"resume": resume, "post": post, "heartbeat": heartbeat}

    # Below the verbs

    def _begin(self):
        self.hub.sockets.add(self.socket)
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(limits.RESUME_SECONDS, self._close_unresumed)
        self._count()

    def _count(self):
        """Of too many, the one that was silent for longest goes: its line may be dead,
        while somebody waits at the newest."""
        others = open_sockets.get(self.member.pk, ())
        open_sockets[self.member.pk] = (*others, self.socket)
        alive = [socket for socket in others if socket.is_open]
        if len(alive) >= limits.SOCKETS_PER_MEMBER:
            min(alive, key=attrgetter("heard_at")).close(TOO_MANY_SOCKETS)

    def _end(self):
        self.deadline.cancel()
        others = tuple(s for s in open_sockets[self.member.pk] if s is not self.socket)
        open_sockets[self.member.pk] = others
        if not others:
            del open_sockets[self.member.pk]
        self.hub.leave(self.member.room_id, self.socket)
        self.socket.forget()

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

    async def _write(self, text):
        await self.send(text_data=text)

    def _language(self):
        query = parse_qs(self.scope["query_string"].decode("latin1"))
        asked = query.get("language", [""])[0]
        return asked if asked in LANGUAGES else settings.LANGUAGE_CODE


def named(people):
    """Return at most PRESENCE_NAMES people as the frames list them."""
    some = islice(people.items(), limits.PRESENCE_NAMES)
    return [{"id": public_id, "name": name} for public_id, name in some]
