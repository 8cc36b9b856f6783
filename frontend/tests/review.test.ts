/** The month's review: the months of the house's own calendar, and a share only where somebody judged. */
import { expect, it } from "vitest";
import { agreement, lastMonths, monthOf, OUTCOMES } from "../review/ask";
import { en, zh } from "../review/words";

it("counts months as the house does, also when it is still yesterday in London", () => {
  expect(monthOf(new Date("2026-10-31T15:59:00Z"))).toBe("2026-10");
  expect(monthOf(new Date("2026-10-31T16:00:00Z"))).toBe("2026-11");
});

it("goes back over the turn of the year", () => {
  expect(lastMonths(new Date("2026-02-10T00:00:00Z"), 4)).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
});

it("tells no share where nobody judged", () => {
  expect(agreement({ rule: "act.edge", raised: 9, right: 0, wrong: 0 })).toBeNull();
  expect(agreement({ rule: "act.edge", raised: 9, right: 2, wrong: 1 })).toBe(67);
});

it("has a word for every outcome, in both languages and with the same blanks", () => {
  for (const outcome of OUTCOMES) expect(zh[`outcome.${outcome}`]).toBeTruthy();
  const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(blanks(en[key]), key).toEqual(blanks(zh[key]));
});
