"""The ASGI application: HTTP to Django, sockets to the doors."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
pages = get_asgi_application()

from server.routing import sockets  # noqa: E402 - Django's registry must be ready first

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
