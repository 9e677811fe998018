"""The ASGI application: HTTP to Django, WebSockets to the rooms."""

import os

import django
from channels.routing import ProtocolTypeRouter
from django.core.handlers.asgi import ASGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django.setup(set_prefix=False)  # before anything that needs the models

from chatsite.body_limit import BodyLimit  # noqa: E402
from rooms.limits import (  # noqa: E402
    DOWNLOAD_CHUNK_BYTES,
    MESSAGE_FILES_BYTES,
    REQUEST_BYTES,
)
from rooms.routing import websocket_application  # noqa: E402
from rooms.wiring import with_hub  # noqa: E402


class Handler(ASGIHandler):
    """Django, sending what was read at once at once, not in four parts."""

    chunk_size = DOWNLOAD_CHUNK_BYTES


application = ProtocolTypeRouter(
    {
        "http": with_hub(
            BodyLimit(Handler(), most=REQUEST_BYTES, files=MESSAGE_FILES_BYTES)
        ),
        "websocket": websocket_application,
    }
)
