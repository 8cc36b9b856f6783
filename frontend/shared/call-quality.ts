/** How good a call is, in a word: from loss, jitter and round trip over the last seconds. Pure. */

export type Quality = "good" | "fair" | "unsteady";

/** Counters of one look at the connection. */
export interface Counts {
  /** When, in ms. */
  readonly at: number;
  readonly received: number;
  readonly lost: number;
  /** Variation of arrival, ms. */
  readonly jitter: number;
  /** To the worker and back, ms; null where not known. */
  readonly roundTrip: number | null;
  /** Share of what we send that does not arrive, 0..1, as the other end reports it; null where not known. */
  readonly lostThere: number | null;
}

/** Opus with error correction hides a few percent of loss; beyond about a tenth words begin to go missing. */
const BOUNDS: readonly (readonly [Quality, { loss: number; jitter: number; roundTrip: number }])[] = [
  ["good", { loss: 0.03, jitter: 30, roundTrip: 300 }],
  ["fair", { loss: 0.1, jitter: 80, roundTrip: 600 }],
];
const WINDOW_MS = 3_000;
const RANK: readonly Quality[] = ["good", "fair", "unsteady"];

/** The quality between two looks. */
export function judge(before: Counts, now: Counts): Quality {
  const received = Math.max(0, now.received - before.received);
  const lost = Math.max(0, now.lost - before.lost);
  const here = received + lost > 0 ? lost / (received + lost) : 0;
  return wordFor(Math.max(here, now.lostThere ?? 0), now.jitter, now.roundTrip);
}

/** The word for a share of loss, a jitter and a round trip (ms, null where not known). */
export function wordFor(loss: number, jitter: number, roundTrip: number | null): Quality {
  const fits = BOUNDS.find(([, most]) => loss <= most.loss && jitter <= most.jitter && (roundTrip ?? 0) <= most.roundTrip);
  return fits?.[0] ?? "unsteady";
}

/** A word that does not flicker: worse is said at once, better only when it has held for two windows. */
export class QualityMeter {
  private from: Counts | null = null;
  private better = 0;
  /** The word of the moment; null before the first window is over. */
  word: Quality | null = null;

  /** Take a look into account. */
  take(now: Counts): Quality | null {
    this.from ??= now;
    // A new connection counts from nought.
    if (now.received < this.from.received) this.from = now;
    if (now.at - this.from.at < WINDOW_MS) return this.word;
    const found = judge(this.from, now);
    this.from = now;
    const before = this.word;
    this.better = before !== null && RANK.indexOf(found) < RANK.indexOf(before) ? this.better + 1 : 0;
    if (before === null || this.better === 0 || this.better >= 2) {
      this.word = found;
      this.better = 0;
    }
    return this.word;
  }
}
