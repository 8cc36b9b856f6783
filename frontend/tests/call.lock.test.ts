/** One leg per person: the second tab waits for the first, and old browsers do without. */
import { afterEach, expect, it, vi } from "vitest";
import { holdCalls } from "../shared/call-lock";

type Callback = () => Promise<void>;

/** Locks as browsers have them, as far as they are used. */
function locks() {
  const waiting = new Map<string, Promise<void>>();
  return {
    request(name: string, { signal }: { signal: AbortSignal }, callback: Callback): Promise<void> {
      const before = waiting.get(name) ?? Promise.resolve();
      const mine = before.then(() => {
        if (signal.aborted) throw new DOMException("gone", "AbortError");
        return callback();
      });
      waiting.set(name, mine.catch(() => undefined));
      return mine;
    },
  };
}

const settle = () => new Promise((done) => setTimeout(done, 0));
afterEach(() => vi.unstubAllGlobals());

it("lets one tab talk at a time, and the next when that one closes", async () => {
  vi.stubGlobal("navigator", { locks: locks() });
  const told: string[] = [];
  const first = holdCalls("calls.chen", (mine) => told.push(`first ${mine}`));
  const second = holdCalls("calls.chen", (mine) => told.push(`second ${mine}`));
  const third = holdCalls("calls.lin", (mine) => told.push(`lin ${mine}`));
  await settle();
  expect(told.sort()).toEqual(["first true", "lin true"]);
  first();
  await settle();
  expect(told).toContain("second true");
  second();
  third();
});

it("does not take what it gave up while waiting", async () => {
  vi.stubGlobal("navigator", { locks: locks() });
  const told: string[] = [];
  const first = holdCalls("calls.chen", () => told.push("first"));
  const second = holdCalls("calls.chen", () => told.push("second"));
  await settle();
  second();
  first();
  await settle();
  expect(told).toEqual(["first"]);
});

it("does without where a browser has no locks", () => {
  vi.stubGlobal("navigator", {});
  const told: boolean[] = [];
  holdCalls("calls.chen", (mine) => told.push(mine))();
  expect(told).toEqual([true]);
});
