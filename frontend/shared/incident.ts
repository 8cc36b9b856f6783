/** Incidents of a desk: a pure fold; twin of queueing/domain/incident.py. */
import type { DeskEvent, DeskView } from "./protocol";

type IncidentEvent = Extract<DeskEvent, { type: `incident.${string}` | "ticket.tagged" }>;

export function reduceIncident(desk: DeskView, event: IncidentEvent): DeskView {
  switch (event.type) {
    case "incident.opened": {
      const { incident, title, known, at } = event;
      return { ...desk, incidents: { ...desk.incidents, [incident]: { incident, title, known, at, told_at: at, tagged: 0 } } };
    }
    case "incident.told": {
      const before = desk.incidents[event.incident];
      return before ? { ...desk, incidents: { ...desk.incidents, [event.incident]: { ...before, known: event.known, told_at: event.at } } } : desk;
    }
    case "incident.closed": {
      const { [event.incident]: _over, ...incidents } = desk.incidents;
      return { ...desk, incidents };
    }
    case "ticket.tagged": {
      const ticket = desk.tickets[event.contact];
      if (!ticket) return desk;
      const incident = event.incident ?? null;
      const tagged = { ...desk, tickets: { ...desk.tickets, [event.contact]: { ...ticket, incident } } };
      const before = incident === null ? undefined : desk.incidents[incident];
      return before ? { ...tagged, incidents: { ...desk.incidents, [before.incident]: { ...before, tagged: before.tagged + 1 } } } : tagged;
    }
  }
}
