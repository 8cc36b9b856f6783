/** The desk in numbers: who waits, how long, and who could take them. Pure functions of (view, now); console and wallboard. */
import type { Instant, Medium, RiskLevel } from "./protocol";

/** What these numbers need of a ticket of a desk's view. */
export interface Waits {
  readonly number: number;
  readonly risk: RiskLevel;
  readonly medium: Medium;
  readonly arrived_at: Instant;
  readonly phase: string;
}

/** What these numbers need of a seat of a desk's view. */
export interface Sits {
  readonly state: string;
  readonly slots: number;
  readonly lost_at: Instant | null;
  readonly contacts: readonly string[];
}

/** What these numbers need of a stretch of published hours, half-open. */
export interface Opens {
  readonly opens_at: Instant;
  readonly closes_at: Instant;
  readonly admits_until: Instant;
  readonly medium: Medium;
}

/** Most urgent first: the order in which people are shown. */
export const RISKS: readonly RiskLevel[] = ["imminent", "high", "moderate", "routine"];

/** 0 for routine up to 3 for imminent. */
export function rank(risk: RiskLevel): number {
  return RISKS.length - 1 - RISKS.indexOf(risk);
}

/** Whole milliseconds from an instant until `now`, never negative (clocks of two machines differ a little). */
export function since(at: Instant, now: number): number {
  return Math.max(0, now - Date.parse(at));
}

/** Everybody whom no counselor holds: waiting, and stranded (in imminent danger and out of reach). Most urgent, then longest, first. */
export function waiting<T extends Waits>(tickets: Iterable<T>): T[] {
  return [...tickets]
    .filter((ticket) => ticket.phase === "waiting" || ticket.phase === "stranded")
    .sort((one, other) => rank(other.risk) - rank(one.risk) || compare(one, other));
}

function compare(one: Waits, other: Waits): number {
  return Date.parse(one.arrived_at) - Date.parse(other.arrived_at) || one.number - other.number;
}

/** How many wait at each level; every level is named, also with nobody. */
export function byRisk(tickets: Iterable<Waits>): Record<RiskLevel, number> {
  const counts: Record<RiskLevel, number> = { imminent: 0, high: 0, moderate: 0, routine: 0 };
  for (const ticket of waiting(tickets)) counts[ticket.risk] += 1;
  return counts;
}

/** The longest wait in milliseconds; null with nobody waiting. */
export function longestWait(tickets: Iterable<Waits>, now: number): number | null {
  const waits = waiting(tickets).map((ticket) => since(ticket.arrived_at, now));
  return waits.length === 0 ? null : Math.max(...waits);
}

/** Waiting people of high or imminent risk: nobody has answered them yet. */
export function highRiskUnanswered(tickets: Iterable<Waits>): number {
  return waiting(tickets).filter((ticket) => rank(ticket.risk) >= 2).length;
}

/** Counselors who could be asked now: ready and connected. */
export function readySeats<S extends Sits>(seats: Iterable<S>): S[] {
  return [...seats].filter((seat) => seat.state === "ready" && seat.lost_at === null);
}

/** Free places for texts on the seats that are ready. */
export function freeSlots(seats: Iterable<Sits>): number {
  return readySeats(seats).reduce((sum, seat) => sum + Math.max(0, seat.slots - seat.contacts.length), 0);
}

/** Where the published hours stand at `now`. */
export type OpenState =
  | { readonly open: true; readonly admits: boolean; readonly closes_at: Instant; readonly admits_until: Instant }
  | { readonly open: false; readonly opens_at: Instant | null };

/** Read the published hours of one medium: open, open but admitting nobody any more, or closed until. */
export function openState(intervals: Iterable<Opens>, now: number, medium: Medium = "text"): OpenState {
  const its = [...intervals].filter((each) => each.medium === medium);
  const all = its.sort((one, other) => Date.parse(one.opens_at) - Date.parse(other.opens_at));
  const current = all.find((each) => Date.parse(each.opens_at) <= now && now < Date.parse(each.closes_at));
  if (current) {
    const { closes_at, admits_until } = current;
    return { open: true, admits: now < Date.parse(admits_until), closes_at, admits_until };
  }
  return { open: false, opens_at: all.find((each) => Date.parse(each.opens_at) > now)?.opens_at ?? null };
}
