/** A line's figures of today, as the server computes them from the log; asked for every second, so that with the second the server keeps them they are at most two old. */
import { shallowReactive } from "vue";
import type { Instant } from "../shared/protocol";

export interface Figure {
  readonly formula: string;
  readonly value: number | null;
  readonly of: number;
}

export interface HalfHour {
  readonly begins_at: Instant;
  readonly offered: number;
  readonly answered: number;
  readonly left: number;
  readonly level: number | null;
  readonly waiting: number;
}

export interface DayFigures {
  readonly since: Instant;
  readonly as_of: Instant;
  readonly answer_s: number;
  readonly figures: readonly Figure[];
  readonly above_min: number;
  readonly half_hours: readonly HalfHour[];
  /** Rungs of the paging ladder that would call nobody outside the house. */
  readonly uncalled: readonly string[];
}

export const EVERY_MS = 1_000;
/** A figure older than this is shown as old. */
export const OLD_MS = 8_000;

type Fetch = (line: string) => Promise<DayFigures>;

async function ask(line: string): Promise<DayFigures> {
  const answer = await fetch(`/api/v1/lines/${encodeURIComponent(line)}/figures`, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(`figures: ${answer.status}`);
  return (await answer.json()) as DayFigures;
}

/** Keeps the newest figures per line; an answer that does not come leaves the old ones with their time. */
export class Figures {
  readonly days = shallowReactive<Record<string, DayFigures>>({});
  private asking = false;

  constructor(private readonly fetchDay: Fetch = ask) {}

  /** Ask for these lines, unless the last question is still under way. */
  async refresh(lines: readonly string[]): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const found = await Promise.allSettled(lines.map((line) => this.fetchDay(line)));
      found.forEach((each, index) => {
        const line = lines[index];
        if (line !== undefined && each.status === "fulfilled") this.days[line] = each.value;
      });
    } finally {
      this.asking = false;
    }
  }
}

const SECONDS = new Set(["ASA.answered.1", "P50.answered.1", "P95.answered.1", "AHT.hold.1"]);

/** A figure as people read it: a share in per cent, a time as a clock counts it. */
export function shown(figure: Figure, duration: (seconds: number) => string): string | null {
  if (figure.value === null) return null;
  return SECONDS.has(figure.formula) ? duration(figure.value) : `${Math.round(figure.value * 100)}%`;
}
