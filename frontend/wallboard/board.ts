/** The wallboard's state: the desks in scope, and how old they are. */
import { shallowReactive } from "vue";
import type { AnyCommand, DeskEvent } from "../shared/protocol";
import { emptyDesk, reduceDesk } from "../shared/reduce";
import type { Desk, Logged, Seat, Ticket } from "../shared/reduce";
import type { Link, LinkHandlers, LinkState } from "../shared/socket";
import { rank, readySeats } from "../shared/waiting";

/** A short word about what was just done, or why it was not. */
export interface Flash {
  readonly key: string;
  readonly good: boolean;
}

export interface BoardState {
  link: LinkState;
  code: number | null;
  desks: Readonly<Record<string, Desk>>;
  /** The server's time in ms, ticking. */
  now: number;
  /** Up to when (ms) the desks are known to be true; stands still while the link is down. */
  asOf: number | null;
  flash: Flash | null;
}

export class Board {
  readonly state: BoardState = shallowReactive<BoardState>({
    link: "idle",
    code: null,
    desks: {},
    now: Date.now(),
    asOf: null,
    flash: null,
  });
  private readonly link: Link;
  private offset = 0;

  constructor(makeLink: (handlers: LinkHandlers) => Link) {
    this.link = makeLink({
      state: (state, code) => {
        this.state.link = state;
        this.state.code = code;
      },
      welcome: (frame) => {
        this.offset = Date.parse(frame.at) - Date.now();
        this.tick();
      },
      snapshot: ({ feed, view }) => this.put(lineOf(feed), view as Desk),
      event: (frame, reset) => {
        const line = lineOf(frame.feed);
        const before = reset ? emptyDesk(line) : (this.state.desks[line] ?? emptyDesk(line));
        this.put(line, reduceDesk(before, frame as Logged<DeskEvent>));
      },
      ack: () => (this.state.flash = { key: "steer.done", good: true }),
      refused: (_parcel, code, retrying) => {
        if (!retrying) this.state.flash = { key: `refused.${code}`, good: false };
      },
      unfollowed: (feed) => {
        const { [lineOf(feed)]: _gone, ...desks } = this.state.desks;
        this.state.desks = desks;
      },
    });
  }

  start(): void {
    this.link.start();
  }

  /** Say that this person has an escalation. */
  take(contact: string): void {
    this.say(`case.${contact}`, { type: "escalation.acknowledge" });
  }

  /** Give a command; the answer becomes the flash. */
  say(feed: string, command: AnyCommand): void {
    this.state.flash = { key: "steer.sending", good: true };
    this.link.send(feed, command);
  }

  /** Move the clock; called once a second. */
  tick(): void {
    this.state.now = Date.now() + this.offset;
    if (this.state.link === "online") this.state.asOf = this.state.now;
  }

  private put(line: string, desk: Desk): void {
    this.state.desks = { ...this.state.desks, [line]: desk };
    this.state.asOf = Date.now() + this.offset;
  }
}

function lineOf(feed: string): string {
  return feed.slice(feed.indexOf(".") + 1);
}

/** What a seat is doing, in one word; a lost connection counts before everything else. */
export type SeatWord = "ready" | "busy" | "paused" | "away" | "standby" | "entered" | "lost" | "off";

export function seatWord(seat: Seat): SeatWord {
  // Somebody who was not on duty and closed the page has gone home; nothing was lost.
  const gone = seat.state === "entered" && seat.lost_at !== null && seat.contacts.length === 0;
  if (seat.state === "off" || gone) return "off";
  if (seat.lost_at !== null) return "lost";
  if (seat.state !== "ready") return seat.state;
  return seat.contacts.length >= seat.slots ? "busy" : "ready";
}

const SEAT_ORDER: readonly SeatWord[] = ["ready", "busy", "lost", "away", "paused", "standby", "entered", "off"];

/** Seats as the board lists them: who can take somebody first, then by name. */
export function seatsInOrder(seats: readonly Seat[]): Seat[] {
  const place = (seat: Seat) => SEAT_ORDER.indexOf(seatWord(seat));
  return [...seats].sort((one, other) => place(one) - place(other) || one.name.localeCompare(other.name, "zh"));
}

/** Tickets as the board lists them: out of reach first, then as the desk will offer them. */
export function queueInOrder(tickets: readonly Ticket[]): Ticket[] {
  const stranded = (ticket: Ticket) => Number(ticket.phase === "stranded");
  return tickets
    .filter((ticket) => ticket.phase === "waiting" || ticket.phase === "stranded")
    .sort(
      (one, other) =>
        stranded(other) - stranded(one) ||
        one.tier - other.tier ||
        Date.parse(one.due_at) - Date.parse(other.due_at) ||
        one.number - other.number,
    );
}

/** How a waiting ticket stands, in one word and a count. */
export function ticketWord(ticket: Ticket, now: number): { word: "stranded" | "ringing" | "away" | "waiting"; n: number } {
  if (ticket.phase === "stranded") return { word: "stranded", n: 0 };
  const ringing = ticket.offers.filter((offer) => Date.parse(offer.expires_at) > now).length;
  if (ringing > 0) return { word: "ringing", n: ringing };
  return { word: ticket.away_since === null ? "waiting" : "away", n: 0 };
}

/** Worth its colour: 2 for somebody in danger unanswered, 1 for somebody waiting with nobody ready, else 0. */
export function concern(tickets: readonly Ticket[], seats: readonly Seat[]): 0 | 1 | 2 {
  const queued = queueInOrder(tickets);
  if (queued.some((ticket) => rank(ticket.risk) >= 2)) return 2;
  return queued.length > 0 && readySeats(seats).length === 0 ? 1 : 0;
}

/** Talks under way, the most urgent first. */
export function talksInOrder(tickets: readonly Ticket[]): Ticket[] {
  return tickets.filter((ticket) => ticket.phase === "active").sort((one, other) => rank(other.risk) - rank(one.risk) || one.number - other.number);
}

/** Who could be asked for a contact: on duty and connected, not its owner; whoever has most room first. */
export function takers(seats: readonly Seat[], ticket: Ticket): Seat[] {
  const room = (seat: Seat) => seat.slots - seat.contacts.length;
  return readySeats(seats)
    .filter((seat) => seat.counselor !== ticket.owner)
    .sort((one, other) => room(other) - room(one) || one.name.localeCompare(other.name, "zh"));
}
