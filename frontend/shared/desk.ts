/** The desk as staff see it: a snapshot, then a pure fold over `desk.<line>`; twin of queueing/domain/{ledger,view}.py. */
import { reduceAlarms } from "./alarm";
import { NO_COMPANY, reduceCompany, reduceNotices } from "./company";
import { reduceIncident } from "./incident";
import type { DeskEvent, DeskView, SeatView, TicketView } from "./protocol";
import type { Logged } from "./session";

export type Desk = DeskView;
export type Ticket = TicketView;
export type Seat = SeatView;

export const EMPTY_DESK: Desk = { tickets: {}, seats: {}, intervals: [], policy_version: 0, alarms: {}, notices: {}, intake_closed_until: null, surge_until: null, uncovered: [], incidents: {} };

/** A line of which no snapshot has come yet. */
export function emptyDesk(_line: string): Desk {
  return EMPTY_DESK;
}

/** Who is next: tier, then due, then number; what the desk itself decides by. */
export function waitingInOrder(desk: Desk): Ticket[] {
  return Object.values(desk.tickets)
    .filter((ticket) => ticket.phase === "waiting" || ticket.phase === "stranded")
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

/** A seat that is off and owes nothing is forgotten. */
function tidied(desk: Desk, counselor: string): Desk {
  const seat = desk.seats[counselor];
  if (!seat || seat.state !== "off" || seat.owed.length || seat.contacts.length) return desk;
  const { [counselor]: _gone, ...seats } = desk.seats;
  return { ...desk, seats };
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
    case "incident.opened":
    case "incident.told":
    case "incident.closed":
    case "ticket.tagged":
      return reduceIncident(desk, event);
    case "coverage.noted":
      return { ...desk, uncovered: event.gaps ?? [] };
    case "shift.set":
      return withSeat(desk, event.counselor, { shift_ends_at: event.ends_at ?? null });
    case "hours.published":
      return { ...desk, intervals: event.intervals };
    case "alarm.raised":
    case "alarm.rung":
    case "alarm.taken":
    case "alarm.joined":
    case "alarm.left":
    case "alarm.cleared":
      return { ...desk, alarms: reduceAlarms(desk.alarms, event) };
    case "notice.sent":
    case "notice.acknowledged":
      return { ...desk, notices: reduceNotices(desk.notices, event) };
    case "intake.switched":
      return { ...desk, intake_closed_until: event.closed_until ?? null };
    case "surge.switched":
      return { ...desk, surge_until: event.until ?? null };
    case "contact.attended":
    case "consult.asked":
    case "consult.ended": {
      const company = desk.tickets[event.contact]?.company;
      return company ? withTicket(desk, event.contact, { company: reduceCompany(company, event) }) : desk;
    }
    case "offer.rung":
    case "offer.accepted":
    case "offer.declined":
    case "offer.missed":
    case "offer.cancelled":
      return reduceOffer(desk, event);
    case "contact.requeued":
    case "wrap_up.began":
    case "wrap_up.lapsed":
    case "seat.freed":
      return reduceInHand(desk, event);
    case "seat.entered":
    case "seat.readied":
    case "seat.stands_by":
    case "seat.paused":
    case "seat.released":
    case "seat.away":
    case "seat.lost":
    case "seat.returned":
    case "seat.left":
      return reduceSeat(desk, event);
    default:
      return reduceTicket(desk, event);
  }
}

type OfferEvent = Extract<DeskEvent, { type: `offer.${string}` }>;
type HandEvent = Extract<DeskEvent, { type: "contact.requeued" | "wrap_up.began" | "wrap_up.lapsed" | "seat.freed" }>;
type SeatEvent = Extract<DeskEvent, { type: "seat.entered" | "seat.readied" | "seat.stands_by" | "seat.paused" | "seat.released" | "seat.away" | "seat.lost" | "seat.returned" | "seat.left" }>;

function reduceTicket(desk: Desk, event: DeskEvent): Desk {
  switch (event.type) {
    case "ticket.issued": {
      const { type: _type, language = "zh-Hans", ...rest } = event;
      const { contact, number, medium, risk, tier, arrived_at, due_at } = rest;
      const fresh: Ticket = {
        ...{ contact, number, medium, risk, tier, arrived_at, due_at, language },
        ...{ phase: "waiting", owner: null, offers: [], away_since: null, until: null },
        ...{ incident: null, transfer: null, callback: false, not_before: null, company: NO_COMPANY },
      };
      return { ...desk, tickets: { ...desk.tickets, [contact]: fresh } };
    }
    case "ticket.raised": {
      const { risk, tier, due_at } = event;
      const now = risk === "high" || risk === "imminent" ? { not_before: null } : {};
      return withTicket(desk, event.contact, { risk, tier, due_at, ...now });
    }
    case "transfer.offered":
      return withTicket(desk, event.contact, { transfer: { to: event.to, until: event.until } });
    case "transfer.ended":
      return withTicket(desk, event.contact, { transfer: null });
    case "transfer.accepted":
      return handed(desk, event);
    case "callback.booked":
      return withTicket(desk, event.contact, { callback: true, not_before: event.not_before ?? null });
    case "callback.cancelled":
      return withTicket(desk, event.contact, { callback: false, not_before: null });
    case "callback.due":
      return withTicket(desk, event.contact, { not_before: null });
    case "ticket.medium_switched":
      return withTicket(desk, event.contact, { medium: event.medium });
    case "ticket.lowered":
      return withTicket(desk, event.contact, { risk: event.risk });
    case "ticket.away":
      return withTicket(desk, event.contact, { away_since: event.at });
    case "ticket.returned": {
      const stranded = desk.tickets[event.contact]?.phase === "stranded";
      return withTicket(desk, event.contact, { away_since: null, ...(stranded ? { phase: "waiting" } : {}) });
    }
    case "ticket.stranded":
      return withTicket(desk, event.contact, { phase: "stranded" });
    case "ticket.abandoned":
    case "ticket.withdrawn":
      return withoutTicket(desk, event.contact);
    default:
      return desk; // Deflections, and what only the desk's own bookkeeping needs.
  }
}

function reduceOffer(desk: Desk, event: OfferEvent): Desk {
  const { contact, counselor, offer } = event;
  if (event.type === "offer.rung") {
    const rung = { offer, counselor, at: event.at, expires_at: event.expires_at };
    return withTicket(desk, contact, { offers: [...(desk.tickets[contact]?.offers ?? []), rung] });
  }
  const quiet = withoutOffer(desk, contact, offer);
  if (event.type !== "offer.accepted") return quiet;
  const taken = withTicket(quiet, contact, { phase: "active", owner: counselor });
  return withSeat(taken, counselor, { contacts: [...(taken.seats[counselor]?.contacts ?? []), contact] });
}

function reduceInHand(desk: Desk, event: HandEvent): Desk {
  const { contact, counselor } = event;
  if (event.type === "wrap_up.began") return withTicket(desk, contact, { phase: "wrap_up", until: event.until, transfer: null });
  const seat = desk.seats[counselor];
  const owed = without(seat?.owed ?? [], contact);
  const freed = withSeat(desk, counselor, {
    contacts: without(seat?.contacts ?? [], contact),
    owed: event.type === "wrap_up.lapsed" ? [...owed, contact] : owed,
  });
  if (event.type === "contact.requeued") return withTicket(freed, contact, { phase: "waiting", owner: null, transfer: null });
  return tidied(withoutTicket(freed, contact), counselor);
}

/** Out of one pair of hands and into another, in one step. */
function handed(desk: Desk, event: Extract<DeskEvent, { type: "transfer.accepted" }>): Desk {
  const { contact, before, counselor } = event;
  const left = withSeat(desk, before, { contacts: without(desk.seats[before]?.contacts ?? [], contact) });
  const taken = withSeat(left, counselor, { contacts: [...(left.seats[counselor]?.contacts ?? []), contact] });
  return withTicket(taken, contact, { owner: counselor, transfer: null });
}

function reduceSeat(desk: Desk, event: SeatEvent): Desk {
  const { counselor } = event;
  if (event.type === "seat.entered") {
    const { name, grade } = event;
    const fresh: Seat = {
      ...{ counselor, name, grade, state: "entered", slots: 0, reason: "", since: null, lost_at: null },
      ...{ contacts: [], owed: desk.seats[counselor]?.owed ?? [], burst: false, shift_ends_at: null },
    };
    return { ...desk, seats: { ...desk.seats, [counselor]: fresh } };
  }
  return tidied(withSeat(desk, counselor, seatChange(desk.seats[counselor], event)), counselor);
}

function seatChange(seat: Seat | undefined, event: Exclude<SeatEvent, { type: "seat.entered" }>): Partial<Seat> {
  switch (event.type) {
    case "seat.readied":
      return { state: "ready", slots: event.slots, reason: "", since: event.at, burst: event.burst ?? false };
    case "seat.stands_by":
      return { state: "standby", slots: 0, reason: "", since: event.at };
    case "seat.paused":
      return { state: "paused", reason: event.reason, since: event.at };
    case "seat.released":
      return { state: "paused", reason: "released", since: event.at };
    case "seat.away":
      return { state: "away", since: event.at };
    case "seat.lost":
      return { lost_at: event.at };
    case "seat.returned":
      return { lost_at: null };
    case "seat.left":
      return { state: seat?.lost_at == null ? "entered" : "off", slots: 0, reason: "" };
  }
}
