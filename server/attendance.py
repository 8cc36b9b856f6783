"""Who may stay on a socket: asked every other second, and answered with the code the socket is closed with."""

from weakref import WeakKeyDictionary

from django.conf import settings

from accounts import store
from accounts.auth import Identity
from accounts.orm import off_loop
from accounts.watch import Verdict, Watch
from kernel import clock
from kernel.decider import Address
from kernel.hub import Hub
from kernel.wire import Close
from queueing.domain.seat import SeatState

_watches: WeakKeyDictionary[Hub, Watch] = WeakKeyDictionary()
_touched: WeakKeyDictionary[Hub, dict[str, float]] = WeakKeyDictionary()


def watch_of(hub: Hub) -> Watch:
    """The watch of this process."""
    return _watches.setdefault(hub, Watch())


def enter(hub: Hub, guest: Identity) -> None:
    """Somebody of the staff opened a socket; visitors are not watched."""
    if guest.actor.is_staff:
        watch_of(hub).enter(guest)


def leave(hub: Hub, guest: Identity) -> None:
    """A socket was closed."""
    if guest.actor.is_staff:
        watch_of(hub).leave(guest)


async def stays(hub: Hub, guest: Identity, idle_s: float, *, may_idle: bool) -> int:
    """0 where somebody may stay, else the close code. `idle_s` counts from their last command on this socket."""
    verdict = await watch_of(hub).verdict(guest)
    if verdict is not Verdict.STAYS:
        return Close.RESTART if verdict is Verdict.CHANGED else Close.SIGN_IN
    if may_idle or not guest.session:
        return 0
    limit_s = settings.STAFF_IDLE.total_seconds()
    if idle_s < store.TOUCH_EVERY.total_seconds() or (idle_s >= limit_s / 2 and await on_duty(hub, guest)):
        await _touch(hub, guest.session)
        return 0
    if idle_s < limit_s or not await off_loop(store.is_idle, guest.session, clock.now()):
        return 0
    await off_loop(store.end_sign_in, guest.session)
    return Close.SIGN_IN


async def _touch(hub: Hub, session: str) -> None:
    """Note that somebody is at work, at most once a minute per sign-in and process."""
    touched = _touched.setdefault(hub, {})
    if clock.monotonic() - touched.get(session, float("-inf")) >= store.TOUCH_EVERY.total_seconds():
        touched[session] = clock.monotonic()
        await off_loop(store.touch, session, clock.now())


async def on_duty(hub: Hub, guest: Identity) -> bool:
    """Somebody who is ready, or has a contact in hand, is at work also while they only read and listen."""
    for line in guest.lines:
        loaded = await hub.engine.state(Address("desk", line))
        seat = loaded.state.seats.get(guest.actor.id) if loaded is not None else None
        if seat is not None and (seat.state in (SeatState.READY, SeatState.STANDBY) or seat.contacts or seat.owed):
            return True
    return False
