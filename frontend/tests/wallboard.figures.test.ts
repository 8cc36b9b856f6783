/** The board's figures: asked for without piling up, kept with their time, drawn without inventing anything. */
import { describe, expect, it } from "vitest";
import { ceiling, chart } from "../wallboard/chart";
import { Figures, shown, type DayFigures, type HalfHour } from "../wallboard/figures";
import { duration } from "../shared/format";
import { t } from "../wallboard/words";
import { zh } from "../wallboard/locales/steer.zh-Hans";

const half = (index: number, part: Partial<HalfHour> = {}): HalfHour => ({
  begins_at: new Date(Date.UTC(2026, 2, 1, 16, 30 * index)).toISOString(),
  ...{ offered: 0, answered: 0, left: 0, level: null, waiting: 0 },
  ...part,
});
const day = (as_of: string): DayFigures => ({ since: as_of, as_of, answer_s: 300, figures: [], above_min: 0, half_hours: [], uncalled: [] });

describe("asking for figures", () => {
  it("keeps what it has where an answer does not come, and does not ask twice at once", async () => {
    let asked = 0;
    let answer: (found: DayFigures) => void = () => undefined;
    const figures = new Figures((line) => {
      asked += 1;
      return line === "gone" ? Promise.reject(new Error("503")) : new Promise((found) => (answer = found));
    });
    const first = figures.refresh(["main", "gone"]);
    await figures.refresh(["main"]);
    expect(asked).toBe(2);
    answer(day("2026-03-02T02:00:00Z"));
    await first;
    expect(Object.keys(figures.days)).toEqual(["main"]);
  });

  it("shows shares in per cent, times as a clock, and nobody as nothing", () => {
    expect(shown({ formula: "SL.live.1", value: 0.834, of: 12 }, duration)).toBe("83%");
    expect(shown({ formula: "ASA.answered.1", value: 65.4, of: 12 }, duration)).toBe("1:05");
    expect(shown({ formula: "AB.offered.1", value: null, of: 0 }, duration)).toBeNull();
  });

  it("explains every figure: its name, its formula, and what is left out", () => {
    const formulas = Object.keys(zh).filter((key) => key.endsWith(".formula"));
    expect(formulas.length).toBe(10);
    for (const key of formulas.filter((each) => each !== "figure.formula")) {
      const id = key.replace(".formula", "");
      for (const word of [id, `${id}.left`]) expect(t(word as keyof typeof zh), word).not.toBe(word);
    }
  });
});

describe("the chart", () => {
  it("draws a bar for each half hour on one scale", () => {
    const { bars } = chart([half(0, { waiting: 5 }), half(1, { waiting: 10 }), half(2)]);
    expect(bars[1]!.height).toBeCloseTo(2 * bars[0]!.height);
    expect(bars[2]!.height).toBe(0);
    expect([0, 4, 5, 11, 999].map(ceiling)).toEqual([4, 4, 10, 20, 1000]);
  });

  it("breaks the line where nobody came: that is no zero", () => {
    const { runs, dots } = chart([half(0, { level: 1 }), half(1, { level: 0.5 }), half(2), half(3, { level: 0 }), half(4)]);
    expect(runs.length).toBe(1);
    expect(dots.map((dot) => dot.key).length).toBe(3);
    expect(dots[0]!.y).toBeLessThan(dots[1]!.y);
  });
});
