/** The cursor's judgement, and that any shuffling of doubles and losses ends in the same place. */
import { expect, it } from "vitest";
import { START, behind, step } from "../shared/feed";
import { dice } from "./house";

const at = (seq: number, lost = false) => ({ at: seq, lost });

it.each([
  ["the next event", at(4), 5, 4, "apply"],
  ["the first event of all", START, 1, 0, "apply"],
  ["the first visible event, where earlier ones are not", START, 3, 0, "apply"],
  ["an event seen before", at(4), 3, 2, "drop"],
  ["the newest event again", at(4), 4, 3, "drop"],
  ["an event after a gap", at(4), 7, 6, "gap"],
  ["a feed that begins anew", at(4), 9, 0, "reset"],
  ["the event that closes the gap", at(4, true), 5, 4, "apply"],
] as const)("judges %s", (_name, cursor, seq, prev, verdict) => {
  expect(step(cursor, seq, prev).verdict).toBe(verdict);
});

it("stays lost until the event comes that follows what it knows", () => {
  const { cursor } = step(at(4), 7, 6);
  expect(cursor).toEqual(at(4, true));
  expect(step(cursor, 8, 7).cursor).toEqual(at(4, true));
  expect(step(cursor, 5, 4).cursor).toEqual(at(5));
});

it("knows from a pong's head whether something is missing", () => {
  expect(behind(at(4), 5)).toBe(true);
  expect(behind(at(4), 4)).toBe(false);
});

it("never uses an event twice nor out of order, whatever order and doubles arrive", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = dice(seed);
    let cursor = START;
    const used: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const seq = 1 + Math.floor(random() * 12);
      const judged = step(cursor, seq, seq - 1);
      if (judged.verdict === "apply") used.push(seq);
      cursor = judged.cursor;
    }
    expect(used, `seed ${seed}`).toEqual(Array.from(used, (_, i) => i + 1));
  }
});
