/** Where a client stands on all its feeds, and which of them it has asked to hear again. */
import { START, behind, step, type Cursor, type Verdict } from "./feed";

/** A hello names at most so many feeds. */
const MOST_NAMED = 64;

export class Feeds {
  private readonly cursors = new Map<string, Cursor>();
  /** When a resume was last asked for, per feed with a gap. */
  private readonly asked = new Map<string, number>();

  at(feed: string): number {
    return this.cursors.get(feed)?.at ?? 0;
  }

  /** For a hello: the position on every feed known. */
  positions(): Record<string, number> {
    return Object.fromEntries([...this.cursors].slice(-MOST_NAMED).map(([feed, cursor]) => [feed, cursor.at]));
  }

  /** Judge an event and step forward where it may be used. */
  judge(feed: string, seq: number, prev: number): Verdict {
    const { verdict, cursor } = step(this.cursors.get(feed) ?? START, seq, prev);
    if (verdict !== "drop") this.cursors.set(feed, cursor);
    if (verdict === "apply" || verdict === "reset") this.asked.delete(feed);
    return verdict;
  }

  /** A snapshot is the new beginning. */
  begin(feed: string, seq: number): void {
    this.cursors.set(feed, { at: seq, lost: false });
    this.asked.delete(feed);
  }

  forget(feed: string): void {
    this.cursors.delete(feed);
    this.asked.delete(feed);
  }

  /** The feeds that are known here but not among `followed`. */
  strangers(followed: readonly string[]): string[] {
    return [...this.cursors.keys()].filter((feed) => !followed.includes(feed));
  }

  /** The feeds on which a pong's heads show that something never came, unless it was asked for already. */
  missing(heads: Readonly<Record<string, number>>): string[] {
    return Object.keys(heads).filter((feed) => !this.asked.has(feed) && behind(this.cursors.get(feed) ?? START, heads[feed] ?? 0));
  }

  wasAsked(feed: string): boolean {
    return this.asked.has(feed);
  }

  ask(feed: string, now: number): void {
    this.asked.set(feed, now);
  }

  /** Resumes that got no answer for `ms`. */
  overdue(now: number, ms: number): string[] {
    return [...this.asked].filter(([, at]) => now - at >= ms).map(([feed]) => feed);
  }

  /** The socket is gone, and with it every question asked on it. */
  unask(): void {
    this.asked.clear();
  }
}
