"""The ASGI application: HTTP to Django, WebSockets to the rooms."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django_application = get_asgi_application()  # before anything that needs the models

from chatsite.body_limit import BodyLimit  # noqa: E402
from rooms.limits import MESSAGE_FILES_BYTES, REQUEST_BYTES  # noqa: E402
from rooms.routing import websocket_application  # noqa: E402
from rooms.wiring import with_hub  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": with_hub(
            BodyLimit(django_application, most=REQUEST_BYTES, files=MESSAGE_FILES_BYTES)
        ),
        "websocket": websocket_application,
    }
)
