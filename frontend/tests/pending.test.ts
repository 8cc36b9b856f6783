/** A bubble is shown exactly until the log shows its words. */
import { expect, it } from "vitest";
import { EMPTY_PENDING, reducePending, type Pending, type PendingNews } from "../shared/pending";
import { dice } from "./house";

const after = (...news: PendingNews[]) => news.reduce<readonly Pending[]>(reducePending, EMPTY_PENDING);
const written = (id: string, text: string, base = 0): PendingNews => ({ type: "written", id, text, base });
const shownTexts = (pending: readonly Pending[]) => pending.filter((each) => !each.shown).map((each) => each.text);

it("goes when the event comes first and the ack later", () => {
  const news = [written("a", "好"), { type: "arrived", seq: 1, text: "好" }] as PendingNews[];
  expect(shownTexts(after(...news))).toEqual([]);
  expect(after(...news, { type: "acked", id: "a", seq: 1, at: 1 })).toEqual([]);
});

it("goes when the ack comes first and the event later", () => {
  const acked = [written("a", "好"), { type: "acked", id: "a", seq: 5, at: 3 }] as PendingNews[];
  expect(shownTexts(after(...acked))).toEqual(["好"]);
  expect(after(...acked, { type: "arrived", seq: 5, text: "好" })).toEqual([]);
});

it("stays one bubble for each, when the same words are written twice", () => {
  const twice = [written("a", "好"), written("b", "好"), { type: "arrived", seq: 1, text: "好" }] as PendingNews[];
  expect(shownTexts(after(...twice))).toEqual(["好"]);
  const acked: PendingNews = { type: "acked", id: "a", seq: 1, at: 1 };
  expect(shownTexts(after(...twice, acked))).toEqual(["好"]);
  expect(shownTexts(after(...twice, acked, { type: "arrived", seq: 2, text: "好" }))).toEqual([]);
});

it("is not taken for the same words said earlier", () => {
  expect(shownTexts(after(written("a", "好", 7), { type: "arrived", seq: 6, text: "好" }))).toEqual(["好"]);
});

it("says why it was refused, and can be let go", () => {
  const refused = after(written("a", "好"), { type: "refused", id: "a", code: "session_over" });
  expect(refused[0]?.failed).toBe("session_over");
  expect(reducePending(refused, { type: "discarded", id: "a" })).toEqual([]);
});

it("comes back when it was refused after the same words arrived from another page", () => {
  const news = [written("a", "好"), { type: "arrived", seq: 1, text: "好" }, { type: "refused", id: "a", code: "session_over" }] as PendingNews[];
  expect(shownTexts(after(...news))).toEqual(["好"]);
});

it("never shows words both as a bubble and in the log, nor in neither place, in any order of news", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const random = dice(seed);
    const words = Array.from({ length: 6 }, (_, i) => ({ id: `i${i}`, text: ["好", "嗯", "谢谢"][Math.floor(random() * 3)]! }));
    let pending = EMPTY_PENDING;
    let cursor = 0;
    for (const { id, text } of words) pending = reducePending(pending, written(id, text, 0));
    // The house answers in order; each answer is an event and an ack, in either order, some acks much later.
    const late: PendingNews[] = [];
    words.forEach(({ id, text }, i) => {
      const seq = i + 1;
      const arrive = () => {
        cursor = seq;
        pending = reducePending(pending, { type: "arrived", seq, text });
      };
      const ack = (): void => {
        pending = reducePending(pending, { type: "acked", id, seq, at: cursor });
      };
      const roll = random();
      if (roll < 0.4) {
        ack();
        arrive();
      } else if (roll < 0.8) {
        arrive();
        ack();
      } else {
        arrive();
        late.push({ type: "acked", id, seq, at: words.length });
      }
      expect(shownTexts(pending).length, `seed ${seed}`).toBe(words.length - seq);
    });
    for (const news of late) pending = reducePending(pending, news);
    expect(pending, `seed ${seed}`).toEqual([]);
  }
});
