/** Stations one may visit, with their free places. */
import type { Instant } from "./protocol";

export interface Slot {
  readonly starts_at: Instant;
  readonly minutes: number;
  readonly left: number;
}

export interface Station {
  readonly id: string;
  readonly name: string;
  readonly name_en: string;
  readonly address: string;
  readonly phone: string;
  readonly km: number | null;
  readonly slots: readonly Slot[];
}

/** Read them; none where the server cannot say. */
export async function loadStations(): Promise<readonly Station[]> {
  const answer = await fetch("/api/v1/visits", { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Station[]) : [];
}
