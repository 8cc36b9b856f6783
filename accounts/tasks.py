"""Late work about people: tokens and tickets that are over."""

from celery import shared_task

from accounts import store
from kernel import clock


@shared_task
def sweep_tokens() -> int:
    """Delete tokens and tickets past their time; answers how many."""
    return store.sweep(clock.now())
