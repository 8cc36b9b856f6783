"""The roof's own late work: the worker's sign of life."""

from celery import shared_task
from django.db import connection

from kernel import clock
from kernel.lease import HOLD


@shared_task
def beat() -> None:
    """Renew the worker's lease; /readyz reads it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, (["worker"], "celery", clock.now()))
