"""What one kind of door knows, and how it answers a command; the sockets and the HTTP fallback both stand on this."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from kernel import clock
from kernel.decider import Address
from kernel.errors import Conflict, Malformed, Refused, Unavailable
from kernel.hub import Hub
from kernel.terms import Actor
from kernel.wire import Ack, Command, Do, Event, Place, Refusal, Reply, Row


class Guest(Protocol):
    """Who came in; accounts/auth.py says what else is known."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def name(self) -> str:
        """What to call them on screen."""


class Doorman(Protocol):
    """What one kind of door knows: who may enter, what they follow, may say and may see (server/doors.py)."""

    heartbeat_s: int
    asks_again: bool
    """Whether `stays` is asked again and again."""

    async def admit(self, hub: Hub, headers: list[tuple[bytes, bytes]], ticket: str | None) -> Any:
        """Tell who this is; raises NotPermitted with `sign_in`, `forbidden_origin` or `forbidden_role`."""

    async def entered(self, hub: Hub, guest: Any) -> tuple[str, ...]:
        """Somebody opened a socket; answers the feeds they follow from the start."""

    async def left(self, hub: Hub, guest: Any) -> None:
        """The socket is closed."""

    async def stays(self, hub: Hub, guest: Any, idle_s: float) -> int:
        """0 while the guest may stay, else the code to close with; `idle_s` counts from their last command here."""

    def words(self, guest: Any, to: Address) -> msgspec.json.Decoder[Command]:
        """What this guest may say there; raises NotPermitted."""

    async def permits(self, hub: Hub, guest: Any, to: Address, command: Command) -> None:
        """Hold a command against what ties this guest to that aggregate; raises NotPermitted or Refused."""

    def hints(self, hub: Hub, guest: Any, at: Address) -> bool:
        """Tell whether what this guest does there for the moment is passed on; nothing is read for it."""

    async def told(self, hub: Hub, guest: Any, to: Address, command: Command, seq: int) -> None:
        """A guest's command was carried out up to `seq`; what is to be said beside it. Raises nothing."""

    async def opens(self, hub: Hub, guest: Any, at: Address) -> bool:
        """Ask whether this guest may read a feed, before the first event of it is shown; the look is logged."""

    def show(self, guest: Any, row: Row) -> Event | None:
        """The event as this guest may see it, or None."""

    def snapshots(self, kind: str) -> bool:
        """Tell whether feeds of this kind begin with a snapshot; the others are told by their events alone."""

    def view(self, guest: Any, kind: str, state: Any) -> Any:
        """The snapshot of a feed for this guest."""

    def watches(self, kind: str) -> bool:
        """Tell whether feeds of this kind are followed only for what is derived from them, and never shown."""

    def moves(self, guest: Any, row: Row) -> Mapping[str, bool]:
        """Feeds to follow (True) or let go (False) because of this event."""

    def holds(self, guest: Any, kind: str, state: Any) -> Mapping[str, bool]:
        """As `moves`, from a snapshot: it stands for news that are never told one by one."""

    def lingers(self, word: str) -> bool:
        """Tell whether answering this word may take a while, so that nothing else shall wait for it."""

    async def aside(self, hub: Hub, guest: Any, to: Address, command: Command) -> Any | None:
        """Answer what is for this socket alone and goes to no decider; None for everything else.

        Raises NotPermitted for a command that is not this guest's to give there.
        """

    async def place(self, hub: Hub, guest: Any, feed: str) -> Place | None:
        """A waiting visitor's place, after news on a feed that is watched for it."""


async def answer(hub: Hub, doorman: Doorman, guest: Any, do: Do) -> Ack | Reply | Refusal:
    """Carry out one command of a client and say what became of it; the HTTP fallback uses this too."""
    try:
        to = Address.of(do.to)
        command = doorman.words(guest, to).decode(do.command)
        await doorman.permits(hub, guest, to, command)
        body = await doorman.aside(hub, guest, to, command)
        if body is not None:
            return Reply(do.id, body)
        # A client's id counts for that person only: it can neither answer for a colleague's nor for the house's own.
        client_id = f"{do.id}/{guest.actor.id}"
        seq = await hub.engine.submit(to, command, guest.actor, clock.now(), client_id)
        await doorman.told(hub, guest, to, command, seq)
        return Ack(do.id, seq)
    except Refused as no:
        return Refusal(do.id, no.code)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, Malformed):
        return Refusal(do.id, "malformed")
    except ValueError:
        return Refusal(do.id, "unknown_feed")
    except (Unavailable, Conflict) as fault:
        return Refusal(do.id, "unavailable" if isinstance(fault, Unavailable) else "conflict", 1000)
