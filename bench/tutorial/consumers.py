"""The consumers: one that broadcasts and stores nothing, one that only stores."""

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from bench.tutorial.models import store_message


class ChatConsumer(AsyncWebsocketConsumer):
    """A group per room; every message goes through the channel layer to each member."""

    async def connect(self):
        self.group = f"chat_{self.scope['url_route']['kwargs']['number']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data):
        message = json.loads(text_data)["message"]
        await self.channel_layer.group_send(
            self.group, {"type": "chat.message", "message": message}
        )

    async def chat_message(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))


class StoreConsumer(AsyncWebsocketConsumer):
    """Every message in a transaction of its own, then told to its sender alone."""

    async def receive(self, text_data):
        asked = json.loads(text_data)
        number = self.scope["url_route"]["kwargs"]["number"]
        message = await database_sync_to_async(store_message)(
            number, asked["client_id"], asked["message"]
        )
        await self.send(
            text_data=json.dumps(
                {"position": message.position, "message": message.body}
            )
        )
