/** What time asks of a counselor, as functions of (view, now): slow replies, ringing offers, the wrap-up's clock. */
import type { Instant, Role } from "../shared/protocol";

/** `calm`: nothing owed, or owed for less than a minute. */
export type Pace = "calm" | "slow" | "late";

export const SLOW_MS = 60_000;
export const LATE_MS = 120_000;

/** What these functions need of something that was said. */
export interface Said {
  readonly at: Instant;
  readonly by: { readonly role: Role };
}

/** Since when the visitor has been waiting for a word: their last message, if nobody has answered it. */
export function owedSince(said: readonly Said[]): Instant | null {
  const last = said[said.length - 1];
  return last?.by.role === "visitor" ? last.at : null;
}

/** Shade of a row: 60 s and 120 s since the visitor's last unanswered message. */
export function pace(said: readonly Said[], now: number): Pace {
  const owed = owedSince(said);
  if (owed === null) return "calm";
  const waited = now - Date.parse(owed);
  return waited >= LATE_MS ? "late" : waited >= SLOW_MS ? "slow" : "calm";
}

/** What these functions need of an offer of a desk's view. */
export interface Rings {
  readonly offer: string;
  readonly counselor: string;
  readonly at: Instant;
  readonly expires_at: Instant;
}

/** Seconds left before an offer expires, rounded up so that 0 means over. */
export function secondsLeft(offer: Rings, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(offer.expires_at) - now) / 1000));
}

/** The share of an offer's ring that is left, in [0, 1]. */
export function ringLeft(offer: Rings, now: number): number {
  const whole = Date.parse(offer.expires_at) - Date.parse(offer.at);
  if (whole <= 0) return 0;
  return Math.min(1, Math.max(0, (Date.parse(offer.expires_at) - now) / whole));
}

/** The offers that ring for one counselor now, the one that ends first in front. */
export function ringing<T extends { readonly offers: readonly Rings[] }>(
  tickets: Iterable<T>,
  counselor: string,
  now: number,
): { ticket: T; offer: Rings }[] {
  return [...tickets]
    .flatMap((ticket) => ticket.offers.map((offer) => ({ ticket, offer })))
    .filter(({ offer }) => offer.counselor === counselor && secondsLeft(offer, now) > 0)
    .sort((one, other) => Date.parse(one.offer.expires_at) - Date.parse(other.offer.expires_at));
}
