/** Questions of a call over a link: answered, refused, late, or lost with the socket; and asked again where told to wait. */
import { describe, expect, it } from "vitest";
import { answerTo, relaysFor } from "../shared/call-house";
import { ANSWER_WITHIN_MS, Questions, Unanswered, type Answer } from "../shared/questions";

const never = () => () => undefined;
const ANSWER: Answer = { call: "c1.1", sdp: "v=0" };
const code = (promise: Promise<unknown>) => promise.then(() => "answered", (fault: unknown) => (fault as Unanswered).code);

describe("questions", () => {
  it("are answered, refused, or gone with the socket", async () => {
    const open = new Questions();
    const [one, two, three] = ["1", "2", "3"].map((id) => open.put(id, never));
    open.answer("1", ANSWER);
    expect(open.fail("2", "no_call")).toBe(true);
    open.failAll();
    expect(await one).toEqual(ANSWER);
    expect([await code(two!), await code(three!)]).toEqual(["no_call", "offline"]);
  });

  it("are late after their time, and nothing is left of them", async () => {
    const open = new Questions();
    let late: () => void = () => undefined;
    const asked = open.put("1", (ms, run) => {
      expect(ms).toBe(ANSWER_WITHIN_MS);
      late = run;
      return () => undefined;
    });
    late();
    expect(await code(asked)).toBe("late");
    expect(open.fail("1", "no_call")).toBe(false);
  });
});

describe("an offer", () => {
  const house = (...answers: (Answer | Unanswered)[]) => {
    const sent: unknown[] = [];
    const ask = (command: unknown) => {
      sent.push(command);
      const next = answers.shift()!;
      return next instanceof Unanswered ? Promise.reject(next) : Promise.resolve(next);
    };
    return { ask, sent };
  };
  let now = 0;
  const wait = async (ms: number) => void (now += ms);

  it("is made again, the same, while a worker is looked for", async () => {
    const { ask, sent } = house(new Unanswered("unavailable", 500), new Unanswered("overloaded", 500), ANSWER);
    expect(await answerTo(ask, "c1.1", "offer", wait, () => now)).toBe("v=0");
    expect(sent).toEqual(Array(3).fill({ type: "call.offer", call: "c1.1", sdp: "offer" }));
  });

  it("is given up where the house says no, and after eight seconds", async () => {
    const no = house(new Unanswered("not_permitted"));
    expect(await code(answerTo(no.ask, "c1.1", "offer", wait, () => now))).toBe("not_permitted");
    const busy = house(...Array.from({ length: 20 }, () => new Unanswered("unavailable", 1_000)));
    expect(await code(answerTo(busy.ask, "c1.1", "offer", wait, () => now))).toBe("unavailable");
    expect(busy.sent.length).toBe(9);
  });

  it("goes without relays where none are named", async () => {
    const relay = { urls: ["turn:relay:3478"], username: "u", credential: "c" };
    expect(await relaysFor(house({ ice_servers: [relay] }).ask, "c1.1")).toEqual([relay]);
    expect(await relaysFor(house(new Unanswered("offline")).ask, "c1.1")).toEqual([]);
  });
});
