"""Calls to humans, wired: the installation's destinations, the partners' page, the courier beside the clock."""

import logging
from functools import partial

import msgspec
from django.conf import settings

from kernel.hub import Hub
from triage import store
from triage.channels.notice import Destination
from triage.courier import Courier
from triage.policy import POLICY

log = logging.getLogger("xinqiao.pages")

PARTNER_PAGE = "/partner/"
RECORDS_PAGE = "/records/"


def destinations() -> tuple[Destination, ...]:
    """Read PAGING; one that cannot be read leaves the console, and says so at every start."""
    try:
        return msgspec.json.decode(settings.PAGING or "[]", type=tuple[Destination, ...])
    except (msgspec.ValidationError, msgspec.DecodeError):
        log.critical("PAGING cannot be read: nobody outside the house will be called")
        return ()


def uncalled(known: tuple[Destination, ...]) -> tuple[str, ...]:
    """The rungs of the ladder that would call nobody outside the house: an alarm in /readyz, and at every start."""
    outward = dict.fromkeys(rung.to for rung in POLICY.ladder if "outward" in rung.ways)
    return tuple(audience for audience in outward if not any(audience in each.audience for each in known))


def silent_rungs() -> tuple[str, ...]:
    """The same for readiness and the wallboard: a demo on one's own machine is let off."""
    return () if settings.XINQIAO_DEMO else uncalled(destinations())


def link_key() -> bytes:
    """The key that partners' links and webhook secrets are derived from."""
    return str(settings.SECRET_KEY).encode()


def partner_page(here: str = "") -> str:
    """Where a partner reads a packet; the link's secret stands behind the `#` and reaches no log.

    The first of XINQIAO_ORIGINS, or, where none is set, the origin somebody of the staff works at; the courier works
    at none, and gets the empty string: it then sends no partner a link that leads nowhere.
    """
    origin = settings.XINQIAO_ORIGINS[0] if settings.XINQIAO_ORIGINS else here
    return f"{origin}{PARTNER_PAGE}" if origin else ""


def records_page(here: str = "http://localhost:8000") -> str:
    """Where staff read the books and answer each other's wishes; nothing in it is about anybody."""
    origin = settings.XINQIAO_ORIGINS[0] if settings.XINQIAO_ORIGINS else here
    return f"{origin}{RECORDS_PAGE}"


def courier(hub: Hub) -> Courier:
    """The courier of this process."""
    known = destinations()
    if silent := uncalled(known):
        log.critical("PAGING names nobody for %s: such calls are only written into this log", ", ".join(silent))
    if not settings.XINQIAO_ORIGINS and not settings.XINQIAO_DEMO:
        log.critical("XINQIAO_ORIGINS is not set: partners are sent no link, it has to be handed over from the console")
    gateways = {each.kind: each for each in known if each.kind in ("smtp", "sms")}
    ways = store.Ways(link_key(), partner_page(), {str(kind): each for kind, each in gateways.items()})
    return Courier(hub.engine, known, partial(store.apartner_way, ways))
