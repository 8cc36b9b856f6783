/** The cursor that turns a socket's frames into an exact stream, feed by feed; twin of kernel/feed.py. */

/** How far this client is on one feed. `lost` means a gap was seen and a resume is under way. */
export interface Cursor {
  readonly at: number;
  readonly lost: boolean;
}

/** What to do with one event: use it, start the view afresh and use it, throw it away, or ask for a resume. */
export type Verdict = "apply" | "reset" | "drop" | "gap";

export const START: Cursor = { at: 0, lost: false };

/** Judge an event by its `seq` and by `prev`, the seq of the visible event before it. */
export function step(cursor: Cursor, seq: number, prev: number): { verdict: Verdict; cursor: Cursor } {
  if (prev === cursor.at && seq > cursor.at) return { verdict: "apply", cursor: { at: seq, lost: false } };
  if (seq <= cursor.at) return { verdict: "drop", cursor };
  if (prev === 0) return { verdict: "reset", cursor: { at: seq, lost: false } };
  return { verdict: "gap", cursor: { at: cursor.at, lost: true } };
}

/** Judge the head that a pong names: true when something visible never arrived. */
export function behind(cursor: Cursor, head: number): boolean {
  return head > cursor.at;
}
