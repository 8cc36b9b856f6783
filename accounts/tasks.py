"""Late work about people: tokens and tickets that are over."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from accounts import store, vault
from kernel import clock


@shared_task
def sweep_tokens() -> int:
    """Delete tokens and tickets past their time; answers how many."""
    return store.sweep(clock.now()) + vault.sweep(clock.now())


@shared_task
def sweep_http_sessions() -> None:
    """Delete sign-ins of staff that are over."""
    SessionStore.clear_expired()
