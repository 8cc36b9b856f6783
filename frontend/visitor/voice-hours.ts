/** When a line may be talked with: the hours of voice may be other ones than those of writing. */
import type { Line } from "./entry";

/** Whether voice is open at `now` (ms), as the line told it when it was last asked. */
export function speaksNow(line: Line | undefined, now: number): boolean {
  if (!line?.voice) return false;
  if (line.voice_open) return line.voice_closes_at === null || now < Date.parse(line.voice_closes_at);
  return line.voice_opens_at !== null && now >= Date.parse(line.voice_opens_at);
}
