/** The session as a page shows it: a pure fold over the events of `session.<contact>`. */
import type { Actor, Attending, Instant, Medium, RiskLevel, Role, SessionEvent, WrapUpSubmitted } from "./protocol";

export type SessionPhase = "intake" | "waiting" | "deflected" | "active" | "ended" | "abandoned" | "closed";

/** One line of the conversation: something said (`text` is null once erased), or something that happened. */
export type Entry =
  | { readonly kind: "message"; readonly seq: number; readonly at: Instant; readonly by: Actor; readonly text: string | null }
  | { readonly kind: "notice"; readonly seq: number; readonly at: Instant; readonly type: NoticeType; readonly name: string };

export type NoticeType =
  | "contact.opened"
  | "contact.queued"
  | "contact.deflected"
  | "counselor.joined"
  | "counselor.lost"
  | "visitor.away"
  | "visitor.returned"
  | "idle.prompted"
  | "participant.joined"
  | "participant.left"
  | "call.started"
  | "call.ended"
  | "session.ended"
  | "contact.abandoned";

/** Something said among the staff of a contact; no visitor's page ever has one. */
export interface Whisper {
  readonly seq: number;
  readonly at: Instant;
  readonly by: Actor;
  readonly text: string | null;
}

export interface Receipt {
  readonly delivered: number;
  readonly read: number;
}

export interface SessionView {
  readonly contact: string;
  readonly line: string;
  readonly medium: Medium;
  readonly language: "zh-Hans" | "en";
  readonly phase: SessionPhase;
  readonly opened_at: Instant | null;
  readonly number: number | null;
  readonly deflected: { readonly reason: string; readonly opens_at: Instant | null } | null;
  readonly counselor: { readonly id: string; readonly name: string; readonly grade: Role; readonly epoch: number } | null;
  /** Set while a counselor was lost and nobody has taken over yet. */
  readonly lost: boolean;
  readonly visitor_away: boolean;
  /** An idle prompt that nobody has answered yet. */
  readonly idle: boolean;
  readonly receipts: { readonly visitor: Receipt; readonly counselor: Receipt };
  readonly risk: RiskLevel | null;
  readonly ended: { readonly reason: string; readonly at: Instant } | null;
  readonly wrap_up: Required<Pick<WrapUpSubmitted, "disposition" | "note" | "issues">> | null;
  /** Who may write beside the owner: came for an escalation, or barged in. */
  readonly participants: Readonly<Record<string, Role>>;
  /** Who reads along, whispers or writes; staff only. */
  readonly attending: Readonly<Record<string, { readonly grade: Role; readonly how: Attending }>>;
  readonly whispers: readonly Whisper[];
  readonly entries: readonly Entry[];
}

const NOTHING: Receipt = { delivered: 0, read: 0 };

export const EMPTY_SESSION: SessionView = {
  contact: "",
  line: "",
  medium: "text",
  language: "zh-Hans",
  phase: "intake",
  opened_at: null,
  number: null,
  deflected: null,
  counselor: null,
  lost: false,
  visitor_away: false,
  idle: false,
  receipts: { visitor: NOTHING, counselor: NOTHING },
  risk: null,
  ended: null,
  wrap_up: null,
  participants: {},
  attending: {},
  whispers: [],
  entries: [],
};

/** One event with its place in the log. */
export interface Logged<E> {
  readonly seq: number;
  readonly at: Instant;
  readonly by: Actor;
  readonly event: E;
}

function noted(view: SessionView, row: Logged<SessionEvent>, name = ""): readonly Entry[] {
  return [...view.entries, { kind: "notice", seq: row.seq, at: row.at, type: row.event.type as NoticeType, name }];
}

function without<T>(people: Readonly<Record<string, T>>, person: string): Readonly<Record<string, T>> {
  const { [person]: _gone, ...others } = people;
  return others;
}

/** Whether a call is going on, as the conversation tells it: one that was only asked for leaves no line. */
function talked(entries: readonly Entry[]): boolean {
  const calls = entries.filter((entry) => entry.kind === "notice" && entry.type.startsWith("call."));
  const last = calls[calls.length - 1];
  return last?.kind === "notice" && last.type === "call.started";
}

/** The view after one more event; events it does not know leave it as it is. */
export function reduceSession(view: SessionView, row: Logged<SessionEvent>): SessionView {
  const { event } = row;
  switch (event.type) {
    case "contact.opened": {
      const { contact, line, medium, language } = event;
      const entries = noted(EMPTY_SESSION, row);
      return { ...EMPTY_SESSION, contact, line, medium, language, opened_at: row.at, entries };
    }
    case "contact.queued":
      return { ...view, phase: "waiting", number: event.number, deflected: null, entries: noted(view, row) };
    case "contact.deflected": {
      const deflected = { reason: event.reason, opens_at: event.opens_at ?? null };
      return { ...view, phase: "deflected", deflected, entries: noted(view, row, event.reason === "callback" ? "callback" : "") };
    }
    case "counselor.joined": {
      const { counselor: id, name, grade, epoch } = event;
      const entries = noted(view, row, name);
      const beside = { participants: without(view.participants, id), attending: without(view.attending, id) };
      return { ...view, ...beside, phase: "active", counselor: { id, name, grade, epoch }, lost: false, entries };
    }
    case "counselor.lost": {
      const entries = noted(view, row, view.counselor?.name);
      return { ...view, phase: "waiting", counselor: null, lost: true, entries };
    }
    case "message.posted": {
      const said: Entry = { kind: "message", seq: row.seq, at: row.at, by: row.by, text: event.text };
      return { ...view, idle: false, entries: [...view.entries, said] };
    }
    case "receipt.marked": {
      const { side, delivered, read } = event;
      const before = view.receipts[side];
      const after = { delivered: Math.max(before.delivered, delivered), read: Math.max(before.read, read) };
      return { ...view, receipts: { ...view.receipts, [side]: after } };
    }
    case "visitor.away":
      return { ...view, visitor_away: true, entries: noted(view, row) };
    case "visitor.returned":
      return { ...view, visitor_away: false, entries: noted(view, row) };
    case "idle.prompted":
      return { ...view, idle: true, entries: noted(view, row) };
    case "participant.joined":
      return { ...view, participants: { ...view.participants, [event.person]: event.grade }, entries: noted(view, row, event.grade) };
    case "participant.left": {
      const grade = view.participants[event.person];
      return { ...view, participants: without(view.participants, event.person), entries: noted(view, row, grade) };
    }
    case "session.attended": {
      const { person, grade, how } = event;
      const others = without(view.attending, person);
      return { ...view, attending: how === null ? others : { ...others, [person]: { grade, how } } };
    }
    case "whisper.posted":
      return { ...view, whispers: [...view.whispers, { seq: row.seq, at: row.at, by: row.by, text: event.text }] };
    case "call.started":
      return { ...view, entries: noted(view, row) };
    case "call.ended":
      return talked(view.entries) ? { ...view, entries: noted(view, row) } : view;
    case "risk.noted":
      return { ...view, risk: event.level };
    case "session.ended": {
      const ended = { reason: event.reason, at: row.at };
      return { ...view, phase: "ended", idle: false, ended, attending: {}, entries: noted(view, row) };
    }
    case "contact.abandoned": {
      const ended = { reason: "abandoned", at: row.at };
      return { ...view, phase: "abandoned", ended, entries: noted(view, row) };
    }
    case "wrap_up.submitted": {
      const wrap_up = { disposition: event.disposition, note: event.note ?? "", issues: event.issues ?? [] };
      return { ...view, phase: "closed", wrap_up };
    }
    default:
      return view;
  }
}
