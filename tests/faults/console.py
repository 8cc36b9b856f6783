"""A counselor's or supervisor's client, whose socket may have been lost or late: a snapshot tells what no event did."""

from websockets.asyncio.client import ClientConnection

from tests.faults.talker import Frame, Talker


class Console(Talker):
    """As a console's page does, it takes what stands in a desk's snapshot for as good as what was told one by one."""

    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        """Read a snapshot as if its alarms and offers had just come."""
        if frame["op"] == "snapshot":
            shown = self.shown.setdefault(frame["feed"], [])
            gone = raised(shown) - set(frame["view"].get("alarms", {}))
            shown += [{"event": {"type": "alarm.cleared", "contact": contact}} for contact in sorted(gone)]
            shown += [{"event": event} for event in told(frame["view"])]
        await super()._take(socket, frame)


def told(view: Frame) -> list[Frame]:
    """The events that led to what a desk's snapshot shows. Whose offer was accepted it tells, and not which it was."""
    events: list[Frame] = []
    for contact, alarm in view.get("alarms", {}).items():
        events.append({"type": "alarm.raised", "contact": contact})
        if alarm.get("to"):
            events.append({"type": "alarm.rung", "contact": contact, "to": alarm["to"]})
        if alarm.get("owner"):
            events.append({"type": "alarm.taken", "contact": contact})
    for contact, ticket in view.get("tickets", {}).items():
        for offer in ticket.get("offers", ()):
            rung = {"offer": offer["offer"], "counselor": offer["counselor"]}
            events.append({"type": "offer.rung", "contact": contact, **rung})
        if ticket.get("owner"):
            events.append({"type": "offer.accepted", "contact": contact, "counselor": ticket["owner"], "offer": None})
    return events


def raised(shown: list[Frame]) -> set[str]:
    """The contacts whose alarm has stood on a screen."""
    return {frame["event"]["contact"] for frame in shown if frame["event"]["type"] == "alarm.raised"}
