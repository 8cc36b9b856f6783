/**
 * The watchdog of a leg: tells from numbers alone whether the path still carries anything, and what to do about it.
 * Pure; the numbers come from getStats a few times a second.
 */
import { pause } from "./backoff";

/** What one look at the connection said. */
export interface Reading {
  /** When, in ms. */
  readonly at: number;
  /** Packets of sound received so far on this connection. */
  readonly packets: number;
  /** Answers to our path checks (STUN) so far; the worker gives one every few seconds while nothing else flows. */
  readonly answers: number;
  readonly state: string;
}

export interface Watch {
  readonly openedAt: number;
  readonly packets: number;
  readonly answers: number;
  /** When sound last came, null before the first packet. */
  readonly soundAt: number | null;
  /** When anything last came. */
  readonly lifeAt: number;
  /** Restarts and renewals since the path last proved itself, and when the last one was. */
  readonly tries: number;
  readonly triedAt: number;
  /** The path has proven good while no sound came: the silence is the other side's. */
  readonly excused: boolean;
}

/** `restart`: new ICE on the same connection; `renew`: a new connection. */
export type Verdict = "fine" | "restart" | "renew";

/** No packet for so long, where there were fifty a second, is a broken path until it proves otherwise. */
export const SILENT_MS = 600;
/** Longer than two path checks of a browser at rest (2.5 s each). */
export const DEAD_MS = 7_000;
/** A connection that has not come up by then is made anew. */
export const CONNECT_MS = 5_000;
const RESTARTS = 2;

/** A watch over a connection opened at `now`. */
export function watchFrom(now: number, tries = 0): Watch {
  return { openedAt: now, packets: 0, answers: 0, soundAt: null, lifeAt: now, tries, triedAt: now, excused: false };
}

/** The watch after a reading, and what to do; `expecting` says that somebody should be heard now. */
export function look(before: Watch, reading: Reading, expecting: boolean): { watch: Watch; verdict: Verdict } {
  const watch = heard(before, reading);
  const wanted = needed(watch, reading, expecting);
  const wait = watch.tries === 0 ? 0 : pause(watch.tries - 1);
  if (wanted === "fine" || reading.at - watch.triedAt < wait) return { watch, verdict: "fine" };
  return { watch: { ...watch, tries: watch.tries + 1, triedAt: reading.at }, verdict: wanted };
}

function heard(before: Watch, { at, packets, answers }: Reading): Watch {
  const counted = { ...before, packets, answers };
  if (packets > before.packets) return { ...counted, soundAt: at, lifeAt: at, tries: 0, excused: false };
  if (answers <= before.answers) return counted;
  // An answer after a try says that the path is good again (or always was).
  return before.tries > 0 ? { ...counted, lifeAt: at, tries: 0, excused: true } : { ...counted, lifeAt: at };
}

function needed(watch: Watch, { at, state }: Reading, expecting: boolean): Verdict {
  if (state === "failed" || state === "closed") return "renew";
  if (state === "new" || state === "connecting") return at - watch.openedAt >= CONNECT_MS ? "renew" : "fine";
  const silent = expecting && !watch.excused && watch.soundAt !== null && at - watch.soundAt >= SILENT_MS;
  const dead = at - watch.lifeAt >= DEAD_MS;
  if (!silent && !dead && state !== "disconnected") return "fine";
  return watch.tries < RESTARTS ? "restart" : "renew";
}
