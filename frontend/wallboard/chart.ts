/** The day's chart as numbers: bars for who waited, a line for how many were answered in time. Pure. */
import type { HalfHour } from "./figures";

export const WIDTH = 960;
export const HEIGHT = 220;
const PAD = { left: 40, right: 60, top: 12, bottom: 26 };
const HALVES = 48;

export interface Bar {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Chart {
  readonly bars: readonly Bar[];
  /** Runs of half hours that have a level; a gap is nobody, not zero. */
  readonly runs: readonly string[];
  readonly dots: readonly { readonly x: number; readonly y: number; readonly key: string }[];
  readonly ticks: readonly { readonly x: number; readonly hour: number }[];
  readonly most: readonly { readonly y: number; readonly n: number }[];
  readonly shares: readonly { readonly y: number; readonly percent: number }[];
}

const inner = { width: WIDTH - PAD.left - PAD.right, height: HEIGHT - PAD.top - PAD.bottom };
const slot = inner.width / HALVES;
const top = (share: number) => PAD.top + inner.height * (1 - share);

/** A round number of people at the top of the left axis. */
export function ceiling(most: number): number {
  return [4, 10, 20, 40, 100, 200, 400].find((each) => each >= most) ?? Math.ceil(most / 500) * 500;
}

/** Place a day's half hours. */
export function chart(halves: readonly HalfHour[]): Chart {
  const high = ceiling(Math.max(0, ...halves.map((half) => half.waiting)));
  const middle = (index: number) => PAD.left + slot * (index + 0.5);
  const runs: string[] = [];
  const dots: { x: number; y: number; key: string }[] = [];
  let run: string[] = [];
  halves.forEach((half, index) => {
    if (half.level === null) {
      if (run.length > 1) runs.push(run.join(" "));
      run = [];
      return;
    }
    const [x, y] = [middle(index), top(half.level)];
    run.push(`${x.toFixed(1)},${y.toFixed(1)}`);
    dots.push({ x, y, key: half.begins_at });
  });
  if (run.length > 1) runs.push(run.join(" "));
  return {
    bars: halves.map((half, index) => {
      const y = top(half.waiting / high);
      return { key: half.begins_at, x: PAD.left + slot * index + 2, y, width: slot - 4, height: PAD.top + inner.height - y };
    }),
    runs,
    dots,
    ticks: [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => ({ x: PAD.left + slot * hour * 2, hour })),
    most: [0, high / 2, high].map((n) => ({ y: top(n / high), n })),
    shares: [0, 50, 100].map((percent) => ({ y: top(percent / 100), percent })),
  };
}
