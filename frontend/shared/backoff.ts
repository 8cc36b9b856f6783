/** How long to wait before trying again: doubling, bounded, spread out. */

const FIRST_MS = 500;
/** Low enough that everybody is served again within 10 s after a fault. */
const MOST_MS = 4_000;

/** The longest pause before attempt `n` (0 is the first). */
export function pause(n: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** n);
}

/** A pause between half and all of that, by `chance` in [0, 1), so that many clients do not return as one. */
export function spreadPause(n: number, chance: number): number {
  return pause(n) * (0.5 + chance / 2);
}

/**
 * How many times as long attempt `n` may take as the first: a crowded house lets people in slowly, and giving up
 * each time just before would keep them outside for as long as it is crowded.
 */
export function patience(n: number): number {
  return n < 3 ? 1 : Math.min(4, 2 ** (n - 2));
}
