/** The escalation as a page shows it. */
import type { CaseEvent, Instant, Item, Service } from "./protocol";

export interface RescueView {
  readonly service: Service;
  readonly reason: string;
  readonly person: string;
  readonly consulted: string;
  readonly confirmed: string | null;
}

export interface EscalationView {
  readonly number: number;
  readonly cause: string;
  readonly at: Instant;
  /** The last rung that was called; -1 before the first. */
  readonly rung: number;
  readonly by: string;
  readonly owner: string | null;
  readonly helpers: readonly string[];
  readonly checked: readonly Item[];
  readonly rescue: RescueView | null;
}

export type EscalationEvent = Extract<CaseEvent, { type: `escalation.${string}` | `rescue.${string}` }>;

/** The open escalation after one more event; null where none is open. */
export function reduceEscalation(open: EscalationView | null, event: EscalationEvent): EscalationView | null {
  if (event.type === "escalation.opened") {
    const { escalation: number, cause, at, by = "" } = event;
    return { number, cause, at, by, rung: -1, owner: null, helpers: [], checked: [], rescue: null };
  }
  if (!open) return null;
  switch (event.type) {
    case "escalation.climbed":
      return { ...open, rung: event.rung };
    case "escalation.renewed":
      return { ...open, owner: null, rung: -1, cause: event.cause, at: event.at };
    case "escalation.acknowledged":
      return { ...open, owner: event.person };
    case "escalation.joined":
      return { ...open, helpers: [...open.helpers, event.person] };
    case "escalation.left":
      return { ...open, helpers: open.helpers.filter((each) => each !== event.person) };
    case "escalation.checked":
      return { ...open, checked: [...new Set([...open.checked, event.item])] };
    case "rescue.called": {
      const { service, reason, person, consulted } = event;
      return { ...open, rescue: { service, reason, person, consulted, confirmed: null } };
    }
    case "rescue.confirmed":
      return open.rescue ? { ...open, rescue: { ...open.rescue, confirmed: event.note } } : open;
    case "escalation.closed":
      return null;
    default:
      return open;
  }
}
