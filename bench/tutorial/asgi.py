"""The wiring, as the tutorial has it."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.tutorial.settings")
django_application = get_asgi_application()  # before anything that needs the models

from bench.tutorial.consumers import ChatConsumer, StoreConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter(
                    [
                        path("ws/chat/<int:number>/", ChatConsumer.as_asgi()),
                        path("ws/store/<int:number>/", StoreConsumer.as_asgi()),
                    ]
                )
            )
        ),
    }
)
