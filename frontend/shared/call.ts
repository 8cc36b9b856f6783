/** The call of a session as a page shows it: a pure fold over the `call.*` events of `session.<contact>`. */
import type { Attending, Instant, Role, SessionEvent } from "./protocol";

export type CallEvent = Extract<SessionEvent, { type: `call.${string}` }>;
export type CallSide = "visitor" | "counselor";
export type EndReason = Extract<CallEvent, { type: "call.ended" }>["reason"];

export type CallPhase = "none" | "asked" | "connecting" | "live";

export interface Guest {
  readonly grade: Role;
  /** How a supervisor attends; null for somebody who talks. */
  readonly attending: Attending | null;
}

export interface CallView {
  readonly phase: CallPhase;
  readonly call: string;
  readonly askedBy: CallSide | null;
  /** When the phase began. */
  readonly since: Instant | null;
  /** How often this call was put on a media worker: when it grows, every page offers anew. */
  readonly placed: number;
  readonly counselor: string;
  readonly connected: readonly string[];
  readonly lost: readonly string[];
  /** Legs whose microphone is off. */
  readonly muted: readonly string[];
  readonly held: boolean;
  /** A recording is being written now. */
  readonly recorded: boolean;
  /** Who keeps the recording paused; each lets go of it themselves. */
  readonly pausedBy: readonly CallSide[];
  readonly guests: Readonly<Record<string, Guest>>;
  /** How the last call went, until the next one. */
  readonly ended: { readonly reason: EndReason; readonly at: Instant; readonly talked: boolean } | null;
}

export const NO_CALL: CallView = {
  phase: "none",
  call: "",
  askedBy: null,
  since: null,
  placed: 0,
  counselor: "",
  connected: [],
  lost: [],
  muted: [],
  held: false,
  recorded: false,
  pausedBy: [],
  guests: {},
  ended: null,
};

export const VISITOR_LEG = "visitor";

/** The leg of somebody of the staff. */
export function legOf(staff: string): string {
  return `staff.${staff}`;
}

/** Whether media may flow now. */
export function carries(view: CallView): boolean {
  return view.phase === "connecting" || view.phase === "live";
}

const without = <T>(list: readonly T[], gone: T) => list.filter((each) => each !== gone);
const withOne = <T>(list: readonly T[], one: T, on: boolean) => (on ? [...without(list, one), one] : without(list, one));

function guests(view: CallView, staff: string, guest: Guest | null): CallView["guests"] {
  const { [staff]: _before, ...rest } = view.guests;
  return guest ? { ...rest, [staff]: guest } : rest;
}

/** The view after one more event of a session; words that are not about the call leave it as it is. */
export function reduceCall(view: CallView, said: SessionEvent): CallView {
  switch (said.type) {
    case "call.requested":
      return { ...NO_CALL, phase: "asked", call: said.call, askedBy: said.side, since: said.at };
    case "call.accepted":
      return { ...view, phase: "connecting", call: said.call, since: said.at, counselor: said.counselor, ended: null };
    case "call.placed":
      return { ...view, placed: view.placed + 1, connected: [], lost: [...new Set([...view.lost, ...view.connected])] };
    case "call.leg_connected":
      return { ...view, connected: withOne(view.connected, said.leg, true), lost: without(view.lost, said.leg) };
    case "call.leg_lost":
      return { ...view, connected: without(view.connected, said.leg), lost: withOne(view.lost, said.leg, true) };
    case "call.started":
      return { ...view, phase: "live", since: said.at };
    case "call.held":
      return { ...view, held: said.on };
    case "call.muted":
      return { ...view, muted: withOne(view.muted, said.leg, said.on) };
    case "call.recorded":
      return { ...view, recorded: said.on };
    case "call.paused":
      return { ...view, pausedBy: withOne(view.pausedBy, said.side, said.on) };
    case "call.attended": {
      const guest: Guest | null = said.how ? { grade: said.grade, attending: said.how } : null;
      return { ...view, guests: guests(view, said.staff, guest) };
    }
    case "call.joined":
      return { ...view, guests: guests(view, said.staff, said.on ? { grade: said.grade, attending: null } : null) };
    case "call.handed_over": {
      const before = legOf(view.counselor);
      const [connected, lost, muted] = [without(view.connected, before), without(view.lost, before), without(view.muted, before)];
      return { ...view, counselor: said.counselor, held: false, connected, lost, muted, guests: guests(view, said.counselor, null) };
    }
    case "call.ended":
      return { ...NO_CALL, ended: { reason: said.reason, at: said.at, talked: view.phase === "live" } };
    default:
      return view;
  }
}

/** Whether this leg should hear somebody now: others are connected, and nobody on hold is the only one. */
export function expectsSound(view: CallView, leg: string): boolean {
  if (view.phase !== "live") return false;
  if (view.held && leg === VISITOR_LEG) return true; // The waiting clip.
  const talkers = view.connected.filter((each) => each !== leg && !isHushed(view, each, leg));
  return talkers.length > 0;
}

function isHushed(view: CallView, leg: string, listener: string): boolean {
  if (view.held && leg === VISITOR_LEG) return true;
  const attending = Object.entries(view.guests).find(([staff]) => legOf(staff) === leg)?.[1].attending;
  if (attending === "monitor") return true;
  return attending === "whisper" && listener !== legOf(view.counselor);
}
