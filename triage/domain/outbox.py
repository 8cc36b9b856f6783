"""Pages: every call to a human is repeated until it is delivered, or nobody needs to come any more."""

from collections.abc import Iterable
from datetime import datetime

from kernel.decider import Draft
from triage.domain.state import CaseState, Page, change
from triage.messages import About, DeliverPage, PageDelivered, PageIssued
from triage.policy import Audience, CasePolicy, Way

Case = Draft[CaseState]


def issue(case: Case, about: About, number: int, to: Audience, ways: Iterable[Way], now: datetime) -> None:
    """Call somebody by these ways; each way is a page of its own."""
    for way in ways:
        page = f"{about[0]}{number}.{case.state.pages_issued + 1}"
        case.emit(PageIssued(page, about, number, to, way, case.state.line, now))


def deliver(case: Case, command: DeliverPage) -> None:
    """A page has arrived; a page nobody waits for any more changes nothing."""
    if command.page in case.state.pages:
        case.emit(PageDelivered(command.page, command.channel))


def _again_at(page: Page, rules: CasePolicy) -> datetime:
    """When a page that has not arrived is issued again; only a crisis wakes people at night."""
    at = page.at + rules.page_retry(page.tries)
    return at if page.about == "escalation" else rules.awake(at)


def due(state: CaseState) -> datetime | None:
    """When the next page is issued again."""
    return min((_again_at(page, state.rules) for page in state.pages.values()), default=None)


def elapse(case: Case, now: datetime) -> None:
    """Issue again what has not arrived."""
    for page in tuple(case.state.pages.values()):
        if _again_at(page, case.state.rules) <= now:
            again = page.tries + 1
            case.emit(PageIssued(page.page, page.about, page.number, page.to, page.way, case.state.line, now, again))


def evolve(state: CaseState, event: PageIssued | PageDelivered) -> CaseState:
    """Apply one event."""
    if isinstance(event, PageDelivered):
        return change(state, pages={key: page for key, page in state.pages.items() if key != event.page})
    page = Page(event.page, event.about, event.number, event.to, event.way, event.at, event.tries)
    fresh = event.page not in state.pages
    kept = {key: other for key, other in state.pages.items() if not _supersedes(page, other)}
    return change(state, pages={**kept, event.page: page}, pages_issued=state.pages_issued + fresh)


def _supersedes(page: Page, other: Page) -> bool:
    """A later call about the same thing by the same way takes the place of one that never arrived."""
    same = (page.about, page.number, page.way) == (other.about, other.number, other.way)
    return same and (page.to == "partner") is (other.to == "partner")


def settled(state: CaseState, about: About, number: int) -> CaseState:
    """Nobody needs to be called about this any more."""
    pages = {key: page for key, page in state.pages.items() if (page.about, page.number) != (about, number)}
    return change(state, pages=pages)
