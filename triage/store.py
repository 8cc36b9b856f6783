"""Partners and links: the directory as facts, and the secrets by which a partner opens one packet."""

import base64
import hashlib
import hmac
from datetime import date, datetime, time, timedelta
from typing import cast

import msgspec
from django.db.models import Max

from accounts.orm import off_loop
from triage.channels.notice import Destination
from triage.domain.agenda import WeeklyVisits
from triage.domain.distance import kilometres
from triage.domain.state import CaseState, Page
from triage.messages import Field
from triage.models import AgendaLink, CasePolicyVersion, Partner, ReferralLink
from triage.policy import CasePolicy

LINK_LIFE = timedelta(days=30)


class PartnerFacts(msgspec.Struct, frozen=True):
    """A partner as the console lists it."""

    id: str
    name: str
    name_en: str
    kind: str
    scope: str
    hours: str
    address: str
    phone: str
    boundary: tuple[str, ...]
    capacity_week: int
    by_hand: bool
    km: float | None = None


class Opened(msgspec.Struct, frozen=True):
    """What a link opens."""

    contact: str
    referral: int
    partner: str


def partners(today: date, here: tuple[float, float] | None = None) -> tuple[PartnerFacts, ...]:
    """List whom a visitor may be referred to today, the nearest first where a place is given."""
    facts = [_facts(row, here) for row in Partner.objects.filter(active=True) if _agreed(row, today)]
    return tuple(sorted(facts, key=lambda each: (each.km is None, each.km or 0.0, each.id)))


def _agreed(row: Partner, today: date) -> bool:
    """Tell whether the agreement covers this day; the last day counts."""
    begun = row.agreement_from is None or row.agreement_from <= today
    return begun and (row.agreement_until is None or today <= row.agreement_until)


def _facts(row: Partner, here: tuple[float, float] | None) -> PartnerFacts:
    """Read a row."""
    placed = row.latitude is not None and row.longitude is not None
    km = kilometres(here, (cast(float, row.latitude), cast(float, row.longitude))) if here and placed else None
    return PartnerFacts(
        *(row.partner_id, row.name_zh, row.name_en, row.kind, row.scope, row.hours, row.address, row.phone),
        boundary=tuple(each for each in row.boundary if each in set(Field)),
        capacity_week=row.capacity_week,
        by_hand=row.channel == "link",
        km=None if km is None else round(km, 1),
    )


def boundary(partner: str, today: date) -> frozenset[str] | None:
    """What a partner may be told today; None where it is not in the directory or its agreement is over."""
    row = Partner.objects.filter(partner_id=partner, active=True).first()
    return frozenset(row.boundary) if row is not None and _agreed(row, today) else None


def publish_case_policy(line: str, policy: CasePolicy, by: str, now: datetime, note: str = "") -> CasePolicyVersion:
    """Publish the next version of a line's rules; two at once: the second is refused by the table and asked again."""
    newest = CasePolicyVersion.objects.filter(line=line).aggregate(newest=Max("version"))["newest"] or 0
    numbered = msgspec.structs.replace(policy, version=newest + 1)
    row = CasePolicyVersion(line=line, version=newest + 1, content=msgspec.to_builtins(numbered), note=note)
    row.created_at, row.created_by = now, by
    row.save()
    return row


def case_policy(line: str) -> CasePolicy | None:
    """Read the newest rules of a line; None where it has none of its own."""
    row = CasePolicyVersion.objects.filter(line=line).order_by("-version").first()
    return msgspec.convert(row.content, CasePolicy) if row else None


def secret_of(key: bytes, *parts: object) -> str:
    """Derive a secret that is the same each time it is asked for, so that a repeated call brings the same link."""
    message = "|".join(str(part) for part in parts).encode()
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")


def open_link(key: bytes, contact: str, referral: int, partner: str, now: datetime) -> str:
    """Make (again) the secret that opens a referral to a partner."""
    secret = secret_of(key, "referral", contact, referral, partner)
    ReferralLink.objects.update_or_create(
        digest=_digest(secret),
        defaults={"contact": contact, "referral": referral, "partner": partner, "expires_at": now + LINK_LIFE},
    )
    return secret


def opened_by(secret: str, now: datetime) -> Opened | None:
    """Find what a secret opens; None when unknown or over."""
    row = ReferralLink.objects.filter(digest=_digest(secret), expires_at__gt=now).first()
    return None if row is None else Opened(row.contact, row.referral, row.partner)


def _digest(secret: str) -> bytes:
    """Hash a secret of 256 bits."""
    return hashlib.sha256(secret.encode()).digest()


class Ways(msgspec.Struct, frozen=True):
    """What telling a partner takes: the key that links are derived from, the partner page, the house's gateways."""

    key: bytes
    page_url: str
    gateways: dict[str, Destination] = {}


def partner_way(
    ways: Ways, contact: str, state: CaseState, page: Page, now: datetime
) -> tuple[Destination, str] | None:
    """Where to tell the partner whose turn it is, and the link to tell; by hand, the console shows the link.

    Without a page that a partner could open nobody outside is told: the case reminds, and then brings it to a human.
    """
    one = state.referrals.get(page.number)
    row = None if one is None else Partner.objects.filter(partner_id=one.partner.id, active=True).first()
    if one is None or row is None:
        return None
    link = f"{ways.page_url}#{open_link(ways.key, contact, one.number, row.partner_id, now)}"
    name = f"partner.{row.partner_id}"
    if not ways.page_url and row.channel != "link":
        return None
    if row.channel == "webhook":
        secret = secret_of(ways.key, "partner", row.partner_id)
        return Destination(name, "webhook", url=row.told_at, secret=secret), link
    gateway = ways.gateways.get(row.channel)
    if gateway is not None:
        return msgspec.structs.replace(gateway, name=name, to=row.told_at), link
    return (Destination(name, "console"), link) if row.channel == "link" else None


async def apartner_way(
    ways: Ways, contact: str, state: CaseState, page: Page, now: datetime
) -> tuple[Destination, str] | None:
    """As `partner_way`, beside the event loop."""
    return await off_loop(partner_way, ways, contact, state, page, now)


def open_agenda_link(key: bytes, partner: str, now: datetime) -> str:
    """Make (again) the secret by which a station reads its coming visits."""
    secret = secret_of(key, "agenda", partner)
    AgendaLink.objects.update_or_create(
        digest=_digest(secret), defaults={"partner": partner, "expires_at": now + LINK_LIFE}
    )
    return secret


def agenda_of(secret: str, now: datetime) -> str | None:
    """Find whose visits a secret opens; None when unknown, over, or the partner is out of use."""
    row = AgendaLink.objects.filter(digest=_digest(secret), expires_at__gt=now).first()
    known = row is not None and Partner.objects.filter(partner_id=row.partner, active=True).exists()
    return row.partner if row is not None and known else None


def visit_rules() -> dict[str, WeeklyVisits]:
    """When the active partners receive people; those without a rule are left out."""
    rows = Partner.objects.filter(active=True, visit_from__isnull=False, visit_until__isnull=False)
    return {
        row.partner_id: WeeklyVisits(
            tuple(row.visit_days),
            cast(time, row.visit_from),
            cast(time, row.visit_until),
            row.visit_minutes,
            row.visit_places,
        )
        for row in rows
        if row.visit_days
    }
