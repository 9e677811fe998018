"""Sockets to consumers: origin checked, cookies read, everything else turned away."""

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.urls import path, re_path

from rooms.consumers import RoomConsumer
from rooms.origin import SameOrigin

websocket_application = SameOrigin(
    CookieMiddleware(
        URLRouter(
            [
                path("rooms/<str:public_id>/socket/", RoomConsumer.as_asgi()),
                re_path("", WebsocketDenier.as_asgi()),
            ]
        )
    )
)
