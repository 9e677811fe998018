"""The ASGI application: HTTP to Django, WebSockets to the rooms."""

import os
import re
import shutil
import tempfile

import django
from channels.routing import ProtocolTypeRouter
from django.core.handlers.asgi import ASGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup(set_prefix=False)  # before anything that needs the models

from django.conf import settings  # noqa: E402

from chatsite.body_limit import BodyLimit, ChunkLimit  # noqa: E402
from chatsite.in_pieces import InPieces  # noqa: E402
from chatsite.one_thread import OneThread  # noqa: E402
from rooms import limits  # noqa: E402
from rooms.exceptions import ChunkTooLarge, StorageFull  # noqa: E402
from rooms.routing import websocket_application  # noqa: E402
from rooms.wiring import with_hub  # noqa: E402

UPLOADS = re.compile("/rooms/[^/]+/uploads/")
FORMS = re.compile("/rooms/[^/]+/messages/")  # with files, without JavaScript


class Handler(ASGIHandler):
    """Django, sending what was read at once at once, not in four parts."""

    chunk_size = limits.DOWNLOAD_CHUNK_BYTES


def room_on_disk():
    """Return how many bytes of a body the disk takes: twice, as it comes and as its
    files, beside what messages need. Short ones always."""
    folders = (tempfile.gettempdir(), settings.DATA_DIR)
    free = min(shutil.disk_usage(folder).free for folder in folders)
    return max((free - limits.FREE_DISK_BYTES) // 2, limits.MIB)


handler = Handler()
forms = BodyLimit(
    handler,
    most=limits.REQUEST_BYTES,
    files=limits.MESSAGE_FILES_BYTES,
    room=room_on_disk,
    full=lambda: StorageFull().sentence,
)
pages = BodyLimit(
    handler, most=limits.PAGE_REQUEST_BYTES, files=limits.MESSAGE_FILES_BYTES
)
pieces = OneThread(threads=limits.UPLOAD_THREADS)
chunks = ChunkLimit(
    pieces,
    most=limits.UPLOAD_CHUNK_BYTES,
    refusal=lambda: ChunkTooLarge(most=limits.UPLOAD_CHUNK_BYTES // 1024).fields,
)
uploads = InPieces(
    chunks,
    pieces,
    chunk=limits.UPLOAD_CHUNK_BYTES,
    piece=limits.UPLOAD_PIECE_BYTES,
    most=limits.FILE_BYTES,
)


def by_path(path):
    if UPLOADS.match(path):
        return uploads
    return forms if FORMS.match(path) else pages


def most_bytes(path):
    """Return how long the body of a request may be."""
    return by_path(path).most_now


def takes_while_it_comes(path):
    """Whether a request's body is taken before it is whole."""
    return by_path(path) is uploads


async def http_application(scope, receive, send):
    await by_path(scope["path"])(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": with_hub(http_application),
        "websocket": websocket_application,
    }
)
