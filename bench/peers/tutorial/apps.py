"""The tutorial chat as a Django app."""

from django.apps import AppConfig


class TutorialConfig(AppConfig):
    """Named after its folder."""

    name = "bench.peers.tutorial"
    label = "tutorial"
