/** What a supervisor should look at now, as a pure function of (desks, now); the most urgent first. */
import type { Desk, Seat, Ticket } from "../shared/reduce";
import { openState, readySeats, since, waiting } from "../shared/waiting";

export type Alarm =
  | { readonly code: "stranded" | "late" | "uncalled"; readonly n: number }
  | { readonly code: "imminent" | "high"; readonly n: number; readonly longest: number }
  | { readonly code: "nobody_ready"; readonly n: number }
  | { readonly code: "lost"; readonly name: string; readonly n: number }
  | { readonly code: "closing"; readonly n: number; readonly at: string }
  | { readonly code: "uncovered"; readonly n: number; readonly at: string };

/** A high-risk contact may wait this long before the board says so. */
export const HIGH_MS = 60_000;
/** How long before closing the people still waiting are named. */
export const CLOSING_MS = 30 * 60_000;

/** Alarms of the desks in sight; `uncalled` are the rungs of the paging ladder that would call nobody outside. */
export function alarms(desks: readonly Desk[], now: number, uncalled: readonly string[] = []): Alarm[] {
  const queued = waiting(desks.flatMap((desk) => Object.values(desk.tickets)));
  const seats = desks.flatMap((desk) => Object.values(desk.seats));
  return [...risks(queued, now), ...unmanned(queued, seats), ...lost(seats), ...late(queued, now), ...closing(desks, now), ...silent(uncalled), ...uncovered(desks, now)];
}

function silent(uncalled: readonly string[]): Alarm[] {
  return uncalled.length > 0 ? [{ code: "uncalled", n: uncalled.length }] : [];
}

function risks(queued: readonly Ticket[], now: number): Alarm[] {
  const longest = (tickets: readonly Ticket[]) => Math.max(...tickets.map((ticket) => since(ticket.arrived_at, now)));
  const stranded = queued.filter((ticket) => ticket.phase === "stranded");
  const imminent = queued.filter((ticket) => ticket.phase === "waiting" && ticket.risk === "imminent");
  const high = queued.filter((ticket) => ticket.risk === "high" && since(ticket.arrived_at, now) > HIGH_MS);
  const found: Alarm[] = [];
  if (imminent.length > 0) found.push({ code: "imminent", n: imminent.length, longest: longest(imminent) });
  if (stranded.length > 0) found.push({ code: "stranded", n: stranded.length });
  if (high.length > 0) found.push({ code: "high", n: high.length, longest: longest(high) });
  return found;
}

function unmanned(queued: readonly Ticket[], seats: readonly Seat[]): Alarm[] {
  return queued.length > 0 && readySeats(seats).length === 0 ? [{ code: "nobody_ready", n: queued.length }] : [];
}

function lost(seats: readonly Seat[]): Alarm[] {
  return seats
    .filter((seat) => seat.lost_at !== null && seat.contacts.length > 0)
    .map((seat) => ({ code: "lost", name: seat.name, n: seat.contacts.length }));
}

function late(queued: readonly Ticket[], now: number): Alarm[] {
  const over = queued.filter((ticket) => isLate(ticket, now));
  return over.length > 0 ? [{ code: "late", n: over.length }] : [];
}

/** Past the target of its risk; an imminent one has no target but "now". */
export function isLate(ticket: Ticket, now: number): boolean {
  return ticket.phase === "waiting" && ticket.risk !== "imminent" && Date.parse(ticket.due_at) < now;
}

/** Published hours of the coming week without enough people on the roster. */
function uncovered(desks: readonly Desk[], now: number): Alarm[] {
  const gaps = desks.flatMap((desk) => desk.uncovered).filter((gap) => Date.parse(gap.ends_at) > now);
  const first = gaps.map((gap) => gap.begins_at).sort()[0];
  return first === undefined ? [] : [{ code: "uncovered", n: gaps.length, at: first }];
}

function closing(desks: readonly Desk[], now: number): Alarm[] {
  return desks.flatMap((desk): Alarm[] => {
    const state = openState(desk.intervals, now);
    const n = waiting(Object.values(desk.tickets)).length;
    if (!state.open || n === 0 || Date.parse(state.closes_at) - now > CLOSING_MS) return [];
    return [{ code: "closing", n, at: state.closes_at }];
  });
}
