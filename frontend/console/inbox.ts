/** What the server tells a counselor, kept as one reactive state: desks, contacts in hand, what was answered. */
import { shallowReactive } from "vue";
import { NO_CALL, reduceCall, VISITOR_LEG } from "../shared/call";
import { wordFor } from "../shared/call-quality";
import type { AnyCommand, DeskEvent, CaseEvent, Happened, SessionEvent, Snapshot, Welcome } from "../shared/protocol";
import { emptyDesk, reduceCase, reduceDesk, reducePending, reduceSession, EMPTY_CASE, EMPTY_SESSION } from "../shared/reduce";
import type { Desk, Logged, Seat } from "../shared/reduce";
import type { Parcel } from "../shared/outbox";
import type { Link, LinkHandlers, LinkState } from "../shared/socket";
import { lastHeard, newContact, type Contact } from "./contact";
import { replied, type Reply } from "./replies";
import { standing, writes, type Standing } from "./standing";

/** A short word to the person about something that was refused or done. */
export interface Flash {
  readonly key: string;
  readonly number?: number;
  /** Good news goes away by itself at this moment (ms); anything else waits to be read. */
  readonly until?: number;
}

export interface DutyState {
  link: LinkState;
  /** Close code of a link that stopped. */
  code: number | null;
  you: string;
  name: string;
  desks: Readonly<Record<string, Desk>>;
  contacts: Readonly<Record<string, Contact>>;
  chosen: string | null;
  /** The server's time in ms, ticking. */
  now: number;
  /** Commands on their way: id -> `type to`. */
  asked: Readonly<Record<string, string>>;
  flash: Flash | null;
  /** Answers to words left at a closed line. */
  replies: readonly Reply[];
  /** Until when this person is asked to rest after a crisis. */
  rest: string | null;
}

export type News = { readonly type: "message" | "risk" | "call"; readonly contact: string };

/** An event older than this is history that a reload brings back, not news. */
const FRESH_MS = 10_000;
const FLASH_MS = 8_000;
const TYPING_SHOWN_MS = 6_000;

export class Inbox {
  readonly state: DutyState = shallowReactive<DutyState>({
    link: "idle",
    code: null,
    you: "",
    name: "",
    desks: {},
    contacts: {},
    chosen: null,
    now: Date.now(),
    asked: {},
    flash: null,
    replies: [],
    rest: null,
  });
  protected readonly link: Link;
  private offset = 0;
  /** What was told last per contact: `delivered read`. */
  private readonly marked = new Map<string, string>();
  /** Contacts whose record was acknowledged; the event may come after the feed has ended here. */
  private readonly written = new Set<string>();
  /** Contacts a supervisor took over; the feed ends a moment later. */
  private readonly taken = new Set<string>();

  constructor(
    makeLink: (handlers: LinkHandlers) => Link,
    private readonly news: (news: News) => void,
  ) {
    this.link = makeLink({
      state: (state, code) => this.linked(state, code),
      welcome: (frame) => this.welcomed(frame),
      snapshot: (frame) => this.replaced(frame),
      event: (frame, reset) => this.happened(frame, reset),
      hinted: ({ feed, by, hint }) => {
        const contact = this.state.contacts[idOf(feed)];
        if (contact && hint.type === "quality" && hint.leg === VISITOR_LEG) {
          this.put({ ...contact, signal: wordFor(hint.loss, hint.jitter_ms, hint.rtt_ms) });
        }
        if (contact && hint.type === "typing" && by.role === "visitor") {
          this.put({ ...contact, typingUntil: hint.on === false ? 0 : this.state.now + TYPING_SHOWN_MS });
        }
      },
      ack: (parcel, seq) => this.acked(parcel, seq),
      refused: (parcel, code, retrying) => this.refused(parcel, code, retrying),
      unfollowed: (feed) => this.unfollowed(feed),
    });
  }

  start(): void {
    this.link.start();
  }

  /** Move the clock; called a few times a second. */
  tick(): void {
    this.state.now = Date.now() + this.offset;
    if ((this.state.flash?.until ?? Infinity) <= this.state.now) this.state.flash = null;
  }

  /** This person's seat at a desk, once the server has shown it. */
  seat(line: string): Seat | undefined {
    return this.state.desks[line]?.seats[this.state.you];
  }

  /** Give a command and remember it until it is answered. */
  protected ask(feed: string, command: AnyCommand): string {
    const id = this.link.send(feed, command);
    this.state.asked = { ...this.state.asked, [id]: `${command.type} ${feed}` };
    return id;
  }

  // --- what the server says ----------------------------------------------------------------------------

  private linked(state: LinkState, code: number | null): void {
    this.state.link = state;
    this.state.code = code;
  }

  private welcomed(frame: Welcome): void {
    this.offset = Date.parse(frame.at) - Date.now();
    this.state.you = frame.you.id;
    this.state.name = frame.name;
    this.tick();
  }

  private replaced(frame: Snapshot): void {
    const [kind, line] = split(frame.feed);
    if (kind === "desk") this.state.desks = { ...this.state.desks, [line]: frame.view as Desk };
  }

  private happened(frame: Happened, reset: boolean): void {
    const [kind, id] = split(frame.feed);
    if (kind === "desk") {
      const before = reset ? emptyDesk(id) : (this.state.desks[id] ?? emptyDesk(id));
      const desk = reduceDesk(before, frame as Logged<DeskEvent>);
      this.state.desks = { ...this.state.desks, [id]: desk };
      this.followAccepted(frame.event as DeskEvent);
      if (frame.event.type === "contact.taken_over" && frame.event.person !== this.state.you) this.taken.add(frame.event.contact);
      return;
    }
    const contact = this.state.contacts[id] ?? newContact(id, "");
    if (kind === "session") this.heard(contact, frame as Logged<SessionEvent>, reset);
    if (kind === "case") this.assessed(contact, frame as Logged<CaseEvent>, reset);
  }

  private heard(contact: Contact, row: Logged<SessionEvent>, reset: boolean): void {
    const { event, by, seq } = row;
    const session = reduceSession(reset ? EMPTY_SESSION : contact.session, row);
    const posted = event.type === "message.posted";
    const own = posted && by.role !== "visitor" && by.id === this.state.you;
    const pending = own ? reducePending(contact.pending, { type: "arrived", seq, text: event.text }) : contact.pending;
    const call = reduceCall(reset ? NO_CALL : contact.call, event);
    if (event.type === "call.requested" && event.side === "visitor" && this.isFresh(row.at)) this.news({ type: "call", contact: contact.id });
    const signal = call.phase === "live" ? contact.signal : null;
    const typingUntil = posted && by.role === "visitor" ? 0 : contact.typingUntil;
    this.put({ ...contact, line: session.line || contact.line, session, call, signal, pending, typingUntil });
    this.state.chosen ??= contact.id;
    if (posted && by.role === "visitor" && this.isFresh(row.at) && writes(this.stands(this.state.contacts[contact.id] ?? contact))) this.news({ type: "message", contact: contact.id });
    this.tell();
  }

  private assessed(contact: Contact, row: Logged<CaseEvent>, reset: boolean): void {
    this.put({ ...contact, dossier: reduceCase(reset ? EMPTY_CASE : contact.dossier, row) });
    if (row.event.type === "debrief.prompted" && row.event.people.includes(this.state.you)) this.state.rest = row.event.rest_until;
    const raised = row.event.type === "risk.raised" && row.by.id !== this.state.you;
    if (raised && this.isFresh(row.at)) this.news({ type: "risk", contact: contact.id });
  }

  /** What this person has just accepted comes to the front, unless they are in the middle of a sentence. */
  private followAccepted(event: DeskEvent): void {
    if (event.type !== "offer.accepted" || event.counselor !== this.state.you) return;
    const chosen = this.state.contacts[this.state.chosen ?? ""];
    if (!chosen?.draft) this.state.chosen = event.contact;
  }

  private acked(parcel: Parcel, seq: number): void {
    this.answered(parcel.id);
    this.state.replies = replied(this.state.replies, parcel, "sent");
    const contact = this.state.contacts[idOf(parcel.to)];
    if (parcel.command.type === "wrap_up.submit") this.written.add(idOf(parcel.to));
    if (contact && parcel.command.type === "message.post") {
      const at = this.link.at(parcel.to);
      this.put({ ...contact, pending: reducePending(contact.pending, { type: "acked", id: parcel.id, seq, at }) });
    }
  }

  private refused(parcel: Parcel | null, code: string, retrying: boolean): void {
    if (retrying || !parcel) return;
    this.answered(parcel.id);
    const contact = this.state.contacts[idOf(parcel.to)];
    if (parcel.command.type === "receipt.mark") return;
    if (this.state.replies.some((each) => each.id === parcel.id)) {
      this.state.replies = replied(this.state.replies, parcel, code);
      return;
    }
    if (contact && parcel.command.type === "message.whisper" && !contact.whisper) this.put({ ...contact, whisper: parcel.command.text });
    if (contact && parcel.command.type === "message.post") {
      this.put({ ...contact, pending: reducePending(contact.pending, { type: "refused", id: parcel.id, code }) });
      return;
    }
    this.state.flash = { key: `refused.${code}` };
  }

  private answered(id: string): void {
    const { [id]: _answered, ...asked } = this.state.asked;
    this.state.asked = asked;
  }

  private unfollowed(feed: string): void {
    const [kind, id] = split(feed);
    if (kind === "desk") {
      const { [id]: _gone, ...desks } = this.state.desks;
      this.state.desks = desks;
    }
    const contact = this.state.contacts[id];
    if (kind !== "session" || !contact) return;
    const { [id]: _gone, ...contacts } = this.state.contacts;
    this.state.contacts = contacts;
    this.marked.delete(id);
    this.link.forget(feed);
    const number = contact.session.number ?? undefined;
    const written = contact.session.wrap_up !== null || this.written.delete(id);
    this.state.flash = written
      ? { key: "flash.written_up", number, until: this.state.now + FLASH_MS }
      : { key: this.left(contact), number };
    if (this.state.chosen === id) this.state.chosen = Object.keys(contacts)[0] ?? null;
  }

  /** Why a contact is gone from this screen, in a word. */
  private left(contact: Contact): string {
    const owner = contact.session.counselor?.id;
    if (contact.session.ended === null && this.taken.delete(contact.id)) return "flash.taken_over";
    return owner === this.state.you || owner === undefined ? "flash.gone" : "flash.beside.gone";
  }

  // --- receipts ----------------------------------------------------------------------------------------

  /** The words up to `seq` have been on this person's screen. */
  saw(id: string, seq: number): void {
    const contact = this.state.contacts[id];
    if (!contact || seq <= contact.seen) return;
    this.put({ ...contact, seen: seq });
    this.tell();
  }

  /** Tell each visitor how far their words have come: delivered here, and read once they were on screen. */
  private tell(): void {
    for (const contact of Object.values(this.state.contacts)) {
      const { id, session, seen } = contact;
      // Whoever only reads along is not the one who has read it.
      if (!writes(this.stands(contact))) continue;
      const delivered = lastHeard(session);
      const before = session.receipts.counselor;
      const read = Math.max(before.read, Math.min(seen, delivered));
      const mark = `${delivered} ${read}`;
      const known = delivered <= before.delivered && read <= before.read;
      if (known || session.phase !== "active" || this.marked.get(id) === mark) continue;
      this.marked.set(id, mark);
      this.link.send(`session.${id}`, { type: "receipt.mark", delivered, read });
    }
  }

  /** How this person stands to a contact. */
  stands(contact: Contact): Standing {
    return standing(contact, this.state.desks[contact.line]?.tickets[contact.id], this.state.you);
  }

  protected put(contact: Contact): void {
    this.state.contacts = { ...this.state.contacts, [contact.id]: contact };
  }

  private isFresh(at: string): boolean {
    return Date.now() + this.offset - Date.parse(at) < FRESH_MS;
  }
}

function split(feed: string): [string, string] {
  const dot = feed.indexOf(".");
  return [feed.slice(0, dot), feed.slice(dot + 1)];
}

function idOf(feed: string): string {
  return split(feed)[1];
}
