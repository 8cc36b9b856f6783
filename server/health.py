"""Is this process alive, and is the service ready? Never a word about anybody."""

from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.orm import off_loop
from kernel import clock
from kernel.errors import Unavailable
from server import paging
from server.wiring import hub

SIGN_OF_LIFE = timedelta(seconds=25)
_migrated = False


async def livez(_request: HttpRequest) -> HttpResponse:
    """The event loop turns."""
    return HttpResponse("ok", content_type="text/plain")


async def readyz(_request: HttpRequest) -> HttpResponse:
    """Every part and its state; 200 when contacts can be taken: database, migrations and clock."""
    here = await hub()
    parts: dict[str, bool] = {"database": True, "migrations": False, "clock": False, "worker": False, "voice": False}
    try:
        parts["migrations"] = await off_loop(_is_migrated)
        if parts["migrations"]:
            seen = await _signs(here)
            for part in ("clock", "worker", "voice"):
                parts[part] = part in seen
    except Unavailable:
        parts["database"] = False
    parts["doorbell"] = here.doorbell.connected
    parts["paging"] = not paging.silent_rungs()  # a ladder that calls nobody outside is said loudly here
    ready = parts["database"] and parts["migrations"] and parts["clock"] and not here.draining
    full = ready and all(parts.values())
    status = "ready" if full else "degraded" if ready else "not ready"
    return JsonResponse({"status": status, "parts": parts}, status=200 if ready else 503)


async def _signs(here: Any) -> set[str]:
    """Which background processes gave a sign of life lately."""
    since = clock.now() - SIGN_OF_LIFE
    rows = await here.store.fetch(
        "SELECT DISTINCT subject FROM kernel_lease"
        " WHERE (subject IN ('clock', 'worker') OR subject LIKE 'voice:%%') AND seen_at > %s",
        (since,),
    )
    return {subject.partition(":")[0] for (subject,) in rows}


def _is_migrated() -> bool:
    """Tell whether every migration is applied; asked until it is, then remembered."""
    global _migrated  # noqa: PLW0603 - one answer per process, and it only ever becomes true
    if not _migrated:
        executor = MigrationExecutor(connections["default"])
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
