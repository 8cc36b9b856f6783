"""The tutorial chat's consumer and routes."""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.tutorial.settings"
django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402

from bench.peers.tutorial.models import Message  # noqa: E402

urlpatterns: list[Any] = []


class ChatConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One person in one room."""

    async def connect(self) -> None:
        """Join the room's group."""
        self.room = self.scope["url_route"]["kwargs"]["room"]
        self.author = self.scope["url_route"]["kwargs"]["author"]
        await self.channel_layer.group_add(f"room_{self.room}", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(f"room_{self.room}", self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """Broadcast, acknowledge, save; with `durable` the order is the careful one: save first."""
        if self.scope["url_route"]["kwargs"]["order"] == "durable":
            await self._save(content["text"])
            await self._broadcast(content)
            await self.send_json({"ack": content["id"]})
        else:
            await self._broadcast(content)
            await self.send_json({"ack": content["id"]})
            await self._save(content["text"])

    async def _broadcast(self, content: dict[str, Any]) -> None:
        """Tell the room."""
        event = {"type": "chat.message", "author": self.author, "text": content["text"]}
        await self.channel_layer.group_send(f"room_{self.room}", event)

    async def _save(self, text: str) -> None:
        """Write the row."""
        await database_sync_to_async(Message.objects.create)(room=self.room, author=self.author, text=text)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Show a message of the room."""
        await self.send_json({"author": event["author"], "text": event["text"]})


application = ProtocolTypeRouter(
    {
        "http": URLRouter([re_path("", get_asgi_application())]),
        "websocket": URLRouter([path("ws/<order>/<room>/<author>/", ChatConsumer.as_asgi())]),
    }
)
