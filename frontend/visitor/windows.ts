/** The windows in which somebody may be called, in the line's own zone (UTC+8, no summer time). */
const ZONE_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const PARTS = { morning: [9, 12], afternoon: [14, 18], evening: [18, 21] } as const;

export interface CallWindow {
  /** `soon`, or the day (0 today, 1 tomorrow) and its part. */
  readonly key: "soon" | `${0 | 1}.${keyof typeof PARTS}`;
  readonly not_before: string | null;
  readonly until: string | null;
}

/** What can still be offered at this instant: as soon as possible, and the parts of today and tomorrow to come. */
export function windows(now: number): CallWindow[] {
  const midnight = Math.floor((now + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
  const found: CallWindow[] = [{ key: "soon", not_before: null, until: null }];
  for (const day of [0, 1] as const) {
    for (const part of ["morning", "afternoon", "evening"] as const) {
      const [from, to] = PARTS[part].map((hour) => midnight + day * DAY_MS + hour * 3_600_000) as [number, number];
      if (from > now) found.push({ key: `${day}.${part}`, not_before: new Date(from).toISOString(), until: new Date(to).toISOString() });
    }
  }
  return found;
}

/** Whether this can be dialled: what the server takes, too. */
export function dialled(telephone: string): boolean {
  return /^[0-9+() -]{5,40}$/.test(telephone.trim()) && telephone.replace(/\D/g, "").length >= 5;
}
