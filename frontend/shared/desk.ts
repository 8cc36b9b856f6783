/** The desk as staff see it: a snapshot, then a pure fold over `desk.<line>`; twin of queueing/domain/view.py. */
import type { DeskEvent, Instant, Medium, OpenInterval, RiskLevel, Role } from "./protocol";
import type { Logged } from "./session";

export interface Offer {
  readonly offer: string;
  readonly counselor: string;
  readonly at: Instant;
  readonly expires_at: Instant;
}

export interface Ticket {
  readonly contact: string;
  readonly number: number;
  readonly medium: Medium;
  readonly risk: RiskLevel;
  readonly tier: number;
  readonly arrived_at: Instant;
  readonly due_at: Instant;
  readonly language: string;
  readonly phase: "waiting" | "active" | "wrap_up" | "stranded";
  readonly owner: string | null;
  readonly offers: readonly Offer[];
  readonly away_since: Instant | null;
  readonly until: Instant | null;
}

export interface Seat {
  readonly counselor: string;
  readonly name: string;
  readonly grade: Role;
  readonly state: "entered" | "ready" | "paused" | "away";
  readonly slots: number;
  readonly reason: string | null;
  readonly since: Instant | null;
  readonly lost_at: Instant | null;
  readonly contacts: readonly string[];
  readonly owed: readonly string[];
}

export interface Desk {
  readonly line: string;
  readonly tickets: Readonly<Record<string, Ticket>>;
  readonly seats: Readonly<Record<string, Seat>>;
  readonly intervals: readonly OpenInterval[];
  readonly policy_version: number;
}

export function emptyDesk(line: string): Desk {
  return { line, tickets: {}, seats: {}, intervals: [], policy_version: 0 };
}

/** Who is next: tier, then due, then number; what the desk itself decides by. */
export function waitingInOrder(desk: Desk): Ticket[] {
  return Object.values(desk.tickets)
    .filter((ticket) => ticket.phase === "waiting")
    .sort((a, b) => a.tier - b.tier || Date.parse(a.due_at) - Date.parse(b.due_at) || a.number - b.number);
}

function withTicket(desk: Desk, contact: string, change: Partial<Ticket>): Desk {
  const ticket = desk.tickets[contact];
  return ticket ? { ...desk, tickets: { ...desk.tickets, [contact]: { ...ticket, ...change } } } : desk;
}

function withoutTicket(desk: Desk, contact: string): Desk {
  const { [contact]: _gone, ...tickets } = desk.tickets;
  return { ...desk, tickets };
}

function withSeat(desk: Desk, counselor: string, change: Partial<Seat>): Desk {
  const seat = desk.seats[counselor];
  return seat ? { ...desk, seats: { ...desk.seats, [counselor]: { ...seat, ...change } } } : desk;
}

const without = (list: readonly string[], item: string): string[] => list.filter((each) => each !== item);

function released(desk: Desk, counselor: string, contact: string): Desk {
  const seat = desk.seats[counselor];
  return seat ? withSeat(desk, counselor, { contacts: without(seat.contacts, contact) }) : desk;
}

function withoutOffer(desk: Desk, contact: string, offer: string): Desk {
  const offers = desk.tickets[contact]?.offers.filter((each) => each.offer !== offer);
  return offers ? withTicket(desk, contact, { offers }) : desk;
}

/** The desk after one more event. */
export function reduceDesk(desk: Desk, row: Logged<DeskEvent>): Desk {
  const { event } = row;
  switch (event.type) {
    case "desk.configured":
      return { ...desk, policy_version: event.version };
    case "hours.published":
      return { ...desk, intervals: event.intervals };
    case "ticket.issued":
    case "ticket.raised":
    case "ticket.lowered":
    case "ticket.away":
    case "ticket.returned":
    case "ticket.abandoned":
    case "ticket.stranded":
    case "ticket.withdrawn":
    case "contact.requeued":
      return reduceTicket(desk, event);
    case "offer.rung":
    case "offer.accepted":
    case "offer.declined":
    case "offer.missed":
    case "offer.cancelled":
      return reduceOffer(desk, event);
    case "ticket.deflected":
      return desk;
    default:
      return reduceSeat(desk, row.at, event);
  }
}

type TicketEvent = Extract<DeskEvent, { type: `ticket.${string}` | "contact.requeued" }>;
type OfferEvent = Extract<DeskEvent, { type: `offer.${string}` }>;
type SeatEvent = Extract<DeskEvent, { type: `seat.${string}` | `wrap_up.${string}` }>;

function reduceTicket(desk: Desk, event: TicketEvent): Desk {
  switch (event.type) {
    case "ticket.issued": {
      const { type: _type, language = "zh-Hans", ...rest } = event;
      const fresh = { phase: "waiting" as const, owner: null, offers: [], away_since: null, until: null };
      return { ...desk, tickets: { ...desk.tickets, [event.contact]: { ...rest, language, ...fresh } } };
    }
    case "ticket.raised": {
      const { risk, tier, due_at } = event;
      return withTicket(desk, event.contact, { risk, tier, due_at });
    }
    case "ticket.lowered":
      return withTicket(desk, event.contact, { risk: event.risk });
    case "ticket.away":
      return withTicket(desk, event.contact, { away_since: event.at });
    case "ticket.returned":
      return withTicket(desk, event.contact, { away_since: null, ...(isStranded(desk, event.contact) ? { phase: "waiting" } : {}) });
    case "ticket.stranded":
      return withTicket(desk, event.contact, { phase: "stranded" });
    case "contact.requeued":
      return released(withTicket(desk, event.contact, { phase: "waiting", owner: null }), event.counselor, event.contact);
    case "ticket.abandoned":
    case "ticket.withdrawn":
      return withoutTicket(desk, event.contact);
    default:
      return desk;
  }
}

function isStranded(desk: Desk, contact: string): boolean {
  return desk.tickets[contact]?.phase === "stranded";
}

function reduceOffer(desk: Desk, event: OfferEvent): Desk {
  const { contact, counselor, offer } = event;
  switch (event.type) {
    case "offer.rung": {
      const offers = [...(desk.tickets[contact]?.offers ?? []), { offer, counselor, at: event.at, expires_at: event.expires_at }];
      return withTicket(desk, contact, { offers });
    }
    case "offer.accepted": {
      const taken = withTicket(desk, contact, { phase: "active", owner: counselor, offers: [] });
      const seat = taken.seats[counselor];
      return seat ? withSeat(taken, counselor, { contacts: [...without(seat.contacts, contact), contact] }) : taken;
    }
    default:
      return withoutOffer(desk, contact, offer);
  }
}

function reduceSeat(desk: Desk, at: Instant, event: SeatEvent): Desk {
  const { counselor } = event;
  switch (event.type) {
    case "seat.entered": {
      const { name, grade } = event;
      const before = desk.seats[counselor];
      const fresh = { state: "entered" as const, slots: 0, reason: null, since: at, lost_at: null, contacts: [], owed: [] };
      return { ...desk, seats: { ...desk.seats, [counselor]: { ...fresh, ...before, counselor, name, grade } } };
    }
    case "seat.readied":
      return withSeat(desk, counselor, { state: "ready", slots: event.slots, reason: null, since: event.at });
    case "seat.paused":
      return withSeat(desk, counselor, { state: "paused", reason: event.reason, since: event.at });
    case "seat.away":
      return withSeat(desk, counselor, { state: "away", since: event.at });
    case "seat.lost":
      return withSeat(desk, counselor, { lost_at: event.at });
    case "seat.returned":
      return withSeat(desk, counselor, { lost_at: null });
    case "seat.left": {
      const { [counselor]: _gone, ...seats } = desk.seats;
      return { ...desk, seats };
    }
    case "wrap_up.began":
      return withTicket(desk, event.contact, { phase: "wrap_up", until: event.until });
    case "wrap_up.lapsed": {
      const free = withoutTicket(released(desk, counselor, event.contact), event.contact);
      const seat = free.seats[counselor];
      return seat ? withSeat(free, counselor, { owed: [...seat.owed, event.contact] }) : free;
    }
    case "seat.freed": {
      const free = withoutTicket(released(desk, counselor, event.contact), event.contact);
      const seat = free.seats[counselor];
      return seat ? withSeat(free, counselor, { owed: without(seat.owed, event.contact) }) : free;
    }
    default:
      return desk;
  }
}
