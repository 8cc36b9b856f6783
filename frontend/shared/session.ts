/** The session as a page shows it: a pure fold over the events of `session.<contact>`. */
import type { Actor, Instant, Medium, RiskLevel, Role, SessionEvent, WrapUpSubmitted } from "./protocol";

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
  | "session.ended"
  | "contact.abandoned";

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
      return { ...view, phase: "deflected", deflected, entries: noted(view, row) };
    }
    case "counselor.joined": {
      const { counselor: id, name, grade, epoch } = event;
      const entries = noted(view, row, name);
      return { ...view, phase: "active", counselor: { id, name, grade, epoch }, lost: false, entries };
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
    case "participant.left":
      return { ...view, entries: noted(view, row) };
    case "risk.noted":
      return { ...view, risk: event.level };
    case "session.ended": {
      const ended = { reason: event.reason, at: row.at };
      return { ...view, phase: "ended", idle: false, ended, entries: noted(view, row) };
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
