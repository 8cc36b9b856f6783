"""Celery: work that may be late or repeated. Nothing that protects a person waits here."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")  # the web looks, as for the clock: here it would import every page

app = Celery("xinqiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.imports = ("server.late",)
app.conf.beat_schedule = {
    "worker-heartbeat": {"task": "server.tasks.beat", "schedule": 10.0},
    "purge-ordered": {"task": "recordings_policy.purge_ordered", "schedule": 60.0},
    "roll-out-policies": {"task": "recordings_policy.roll_out_policies", "schedule": 60.0},
    "verify-access-log": {"task": "recordings_policy.verify_access_log", "schedule": 86_400.0},
    "turn-keys": {"task": "server.tasks.turn_keys", "schedule": 3600.0},
    "sweep-recordings": {"task": "recordings_policy.sweep_recordings", "schedule": 86_400.0},
    "sweep-http-sessions": {"task": "accounts.tasks.sweep_http_sessions", "schedule": 86_400.0},
    "sweep-tickets": {"task": "accounts.tasks.sweep_tokens", "schedule": 3600.0},
}


@worker_ready.connect
def announce(**_: object) -> None:
    """Tell /readyz that a worker listens, before the first beat."""
    from server.tasks import beat  # noqa: PLC0415 - tasks need the registry, which is ready by now

    beat()
