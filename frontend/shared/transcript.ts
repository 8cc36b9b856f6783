/** What a conversation looks like: log entries and words on their way, day by day. Pure. */
import { civilDay } from "./format";
import type { Pending } from "./pending";
import type { Actor, Role } from "./protocol";
import type { Entry, Receipt } from "./session";

export type Side = "visitor" | "counselor";

/** Which side of the talk somebody is on. */
export function sideOf(role: Role): Side {
  return role === "visitor" ? "visitor" : "counselor";
}

export type Progress = "sending" | "waiting" | "failed" | "sent" | "delivered" | "read";

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: string }
  | { readonly kind: "notice"; readonly key: string; readonly entry: Extract<Entry, { kind: "notice" }> }
  | {
      readonly kind: "bubble";
      readonly key: string;
      readonly mine: boolean;
      readonly text: string | null;
      readonly at: string | null;
      /** Only where it helps: on what is on its way, and on the newest own message. */
      readonly progress: Progress | null;
      readonly pending: Pending | null;
      readonly by: Actor | null;
    };

function progressOf(seq: number, other: Receipt): Progress {
  if (seq <= other.read) return "read";
  return seq <= other.delivered ? "delivered" : "sent";
}

/** Seq of the newest message of the other side, 0 with none; what a receipt tells. */
export function newestOfOther(entries: readonly Entry[], side: Side): number {
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const entry = entries[i];
    if (entry?.kind === "message" && sideOf(entry.by.role) !== side) return entry.seq;
  }
  return 0;
}

/** The rows of the log, oldest first; `shown` says which notices this page wants. */
export function rows(
  entries: readonly Entry[],
  pending: readonly Pending[],
  side: Side,
  other: Receipt,
  online: boolean,
  shown: (entry: Extract<Entry, { kind: "notice" }>) => boolean,
): Row[] {
  const out: Row[] = [];
  const waiting = pending.filter((each) => !each.shown);
  const lastMine = entries.reduce((seq, entry) => (entry.kind === "message" && sideOf(entry.by.role) === side ? entry.seq : seq), 0);
  let day = "";
  for (const entry of entries) {
    if (entry.kind === "notice" && !shown(entry)) continue;
    const today = civilDay(entry.at);
    if (today !== day) out.push({ kind: "day", key: `day ${today}`, at: entry.at });
    day = today;
    if (entry.kind === "notice") {
      out.push({ kind: "notice", key: `notice ${entry.seq}`, entry });
      continue;
    }
    const mine = sideOf(entry.by.role) === side;
    const newest = mine && entry.seq === lastMine && waiting.length === 0;
    const progress = newest ? progressOf(entry.seq, other) : null;
    out.push({ kind: "bubble", key: `said ${entry.seq}`, mine, text: entry.text, at: entry.at, progress, pending: null, by: entry.by });
  }
  for (const each of waiting) {
    const progress = each.failed !== null ? "failed" : online ? "sending" : "waiting";
    out.push({ kind: "bubble", key: `pending ${each.id}`, mine: true, text: each.text, at: null, progress, pending: each, by: null });
  }
  return out;
}
