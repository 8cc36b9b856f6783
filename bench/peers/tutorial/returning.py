"""The tutorial chat for people who come back: Channels' own sign-in by session cookie, then the room's last words."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.tutorial.returning_settings"
django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402

from bench.peers.tutorial.models import Message  # noqa: E402

LAST = 20


class ReturningConsumer(AsyncJsonWebsocketConsumer):
    """Somebody who comes back to a room."""

    async def connect(self):
        """Join, then show the last words of the room."""
        self.room = self.scope["url_route"]["kwargs"]["room"]
        if self.scope["user"].is_anonymous:
            await self.close()
            return
        await self.channel_layer.group_add(f"room_{self.room}", self.channel_name)
        await self.accept()
        await self.send_json({"history": await self._history()})

    async def disconnect(self, code):
        """Leave it."""
        await self.channel_layer.group_discard(f"room_{self.room}", self.channel_name)

    @database_sync_to_async
    def _history(self):
        """The last words, oldest first."""
        last = Message.objects.filter(room=self.room).order_by("-id")[:LAST]
        return [{"author": one.author, "text": one.text} for one in reversed(last)]


application = ProtocolTypeRouter(
    {"websocket": AuthMiddlewareStack(URLRouter([path("ws/back/<room>/", ReturningConsumer.as_asgi())]))}
)
