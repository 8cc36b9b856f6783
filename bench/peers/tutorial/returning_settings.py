"""Settings of the tutorial chat with users and sessions."""

from bench.peers.tutorial.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", *INSTALLED_APPS]  # noqa: F405
ASGI_APPLICATION = "bench.peers.tutorial.returning.application"
