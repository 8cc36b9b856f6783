/** One contact in a counselor's hands: the folds of its feeds, and what only this screen knows of it. */
import { NO_CALL, type CallView } from "../shared/call";
import type { Quality } from "../shared/call-quality";
import type { CaseView, Desk, Entry, Pending, Seat, SessionView, Ticket } from "../shared/reduce";
import { EMPTY_CASE, EMPTY_PENDING, EMPTY_SESSION } from "../shared/reduce";
import type { Disposition, Instant, RiskLevel, Topic } from "../shared/protocol";

/** A wrap-up form that is being filled in; kept in memory only. */
export interface WrapDraft {
  readonly disposition: Disposition | null;
  readonly issues: readonly Topic[];
  readonly note: string;
}

export interface Contact {
  readonly id: string;
  readonly line: string;
  readonly session: SessionView;
  readonly dossier: CaseView;
  readonly call: CallView;
  /** How well the visitor hears, in a word; null while nobody says. */
  readonly signal: Quality | null;
  readonly pending: readonly Pending[];
  /** Feed position up to which this person has had the words on screen. */
  readonly seen: number;
  /** Until when (ms) the visitor counts as writing. */
  readonly typingUntil: number;
  readonly draft: string;
  /** A whisper that is being written. */
  readonly whisper: string;
  readonly wrap: WrapDraft;
}

export const EMPTY_WRAP: WrapDraft = { disposition: null, issues: [], note: "" };

export function newContact(id: string, line: string): Contact {
  return {
    id,
    line,
    session: EMPTY_SESSION,
    dossier: EMPTY_CASE,
    call: NO_CALL,
    signal: null,
    pending: EMPTY_PENDING,
    seen: 0,
    typingUntil: 0,
    draft: "",
    whisper: "",
    wrap: EMPTY_WRAP,
  };
}

export type Message = Extract<Entry, { kind: "message" }>;

/** What was said, in order. */
export function messages(session: SessionView): Message[] {
  return session.entries.filter((entry): entry is Message => entry.kind === "message");
}

/** Seq of the visitor's last message, 0 with none. */
export function lastHeard(session: SessionView): number {
  return messages(session).reduce((seq, each) => (each.by.role === "visitor" ? each.seq : seq), 0);
}

/** Messages of the visitor that this person has not had on screen. */
export function unread(contact: Contact): number {
  const seen = Math.max(contact.seen, contact.session.receipts.counselor.read);
  return messages(contact.session).filter((each) => each.by.role === "visitor" && each.seq > seen).length;
}

/** Since when the visitor's connection is gone; null while they are connected. */
export function awaySince(session: SessionView): Instant | null {
  if (!session.visitor_away) return null;
  const gone = session.entries.filter((entry) => entry.kind === "notice" && entry.type === "visitor.away");
  return gone[gone.length - 1]?.at ?? null;
}

/** Where a contact stands for the person who holds it. */
export type Stage = "talking" | "writing_up" | "owed" | "done";

/** Read the stage off the desk and the session: whatever ended is to be written up until it is. */
export function stage(contact: Contact, ticket: Ticket | undefined, seat: Seat | undefined): Stage {
  if (contact.session.wrap_up !== null) return "done";
  if (seat?.owed.includes(contact.id)) return "owed";
  if (ticket?.phase === "wrap_up" || contact.session.ended !== null) return "writing_up";
  return "talking";
}

/** The level that counts now: the case's own word, the session's mirror, the ticket's. */
export function riskOf(contact: Contact, desk: Desk | undefined): RiskLevel {
  return contact.dossier.level ?? contact.session.risk ?? desk?.tickets[contact.id]?.risk ?? "routine";
}
