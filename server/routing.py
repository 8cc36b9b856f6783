"""Sockets: three doors, and a wall for every other path."""

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from kernel.door import Door
from server.doors import ConsoleDoor, ContactDoor, SupervisionDoor
from server.wiring import hub


async def wall(_scope: Any, receive: Any, send: Any) -> None:
    """Refuse the handshake."""
    await receive()
    await send({"type": "websocket.close"})


sockets = URLRouter(
    [
        path("ws/contact/", Door(ContactDoor(), hub)),  # type: ignore[arg-type]
        path("ws/console/", Door(ConsoleDoor(), hub)),  # type: ignore[arg-type]
        path("ws/supervision/", Door(SupervisionDoor(), hub)),  # type: ignore[arg-type]
        re_path("", wall),  # type: ignore[arg-type]
    ]
)
