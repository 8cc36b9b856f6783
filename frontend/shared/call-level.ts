/** Loudness as a meter shows it. Pure. */

const FLOOR_DB = -60;

/** Samples in [-1, 1] as a share of the scale from -60 dB to full, 0..1. */
export function levelOf(samples: ArrayLike<number>): number {
  let energy = 0;
  for (let n = 0; n < samples.length; n += 1) energy += (samples[n] ?? 0) ** 2;
  return scaled(samples.length ? Math.sqrt(energy / samples.length) : 0);
}

/** A linear loudness (as getStats tells it) on the same scale. */
export function scaled(amplitude: number): number {
  if (!(amplitude > 0)) return 0;
  const db = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / -FLOOR_DB));
}

/** A needle that rises at once and falls slowly, so that an eye can follow it; both 0..1. */
export function eased(before: number, now: number): number {
  return now >= before ? now : Math.max(now, before - 0.12);
}

/** About where a quiet voice at an arm's length begins on this scale. */
export const SPEAKING = 0.35;
