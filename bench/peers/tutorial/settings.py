"""Settings of the tutorial chat: persistent database connections, the core channel layer, nothing else."""

import os

from server.env import Environment, read_database

_env = Environment(os.environ)
SECRET_KEY = "a bench has no secrets, but Django wants a key"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["daphne", "channels", "bench.peers.tutorial"]
DATABASES = {"default": {**read_database(_env, os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}}
DATABASES["default"]["OPTIONS"] = {}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # As it comes, redis-py 8 gives up a silent read after 5 s and the layer closes every quiet socket with 1011.
        "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}]},
    }
}
ASGI_APPLICATION = "bench.peers.tutorial.asgi.application"
ROOT_URLCONF = "bench.peers.tutorial.asgi"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
