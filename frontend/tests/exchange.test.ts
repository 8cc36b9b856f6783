/** Where no socket gets through, the same frames travel by requests. */
import { describe, expect, it } from "vitest";
import { BROKEN_AFTER, EVERY_MS, SPELL_MS, withExchange } from "../shared/exchange";
import type { Connect } from "../shared/transport";
import { FakeClock } from "./house";

type Wish = { after: Record<string, number>; say: { id: string }[]; hello: boolean };

function setUp(status = 200) {
  const clock = new FakeClock();
  const asked: Wish[] = [];
  const answers: object[][] = [];
  const post = async (body: string) => {
    asked.push(JSON.parse(body) as Wish);
    return { status, text: JSON.stringify({ frames: answers.shift() ?? [] }) };
  };
  let sockets = 0;
  const dead: Connect = (_url, _sub, listener) => {
    sockets += 1;
    clock.after(1, () => listener.closed(1006));
    return { send: () => undefined, close: () => undefined };
  };
  const connect = withExchange(dead, post, (ms, run) => clock.after(ms, run));
  const heard: { op: string }[] = [];
  const closed: number[] = [];
  const open = () =>
    connect("ws://house/", "v1", {
      opened: () => undefined,
      received: (text) => heard.push(JSON.parse(text) as { op: string }),
      closed: (code) => closed.push(code),
    });
  const pass = async (ms: number) => {
    clock.pass(ms);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  };
  const breakDown = async () => {
    for (let time = 0; time < BROKEN_AFTER; time++) {
      open();
      await pass(2);
    }
    closed.length = 0;
    return open();
  };
  return { asked, answers, heard, closed, pass, breakDown, open, sockets: () => sockets };
}

const event = (seq: number, prev: number) => ({ op: "event", feed: "session.c1", seq, prev, event: { type: "x" } });

describe("a network without sockets", () => {
  it("is noticed after sockets that were never greeted, and asked by requests from then on", async () => {
    const { asked, heard, pass, breakDown, sockets } = setUp();
    const way = await breakDown();
    expect(sockets()).toBe(BROKEN_AFTER);
    way.send('{"op":"hello","resume":{"session.c1":4}}');
    await pass(1);
    expect(asked).toEqual([{ after: { "session.c1": 4 }, say: [], hello: true }]);
    expect(heard.map((frame) => frame.op)).toEqual(["pong"]);
  });

  it("says what is to be said at once, asks again by itself, and moves on with what it has heard", async () => {
    const { asked, answers, pass, breakDown } = setUp();
    const way = await breakDown();
    answers.push([event(5, 4)], [{ op: "ack", id: "m1", seq: 6 }]);
    way.send('{"op":"hello"}');
    await pass(1);
    way.send('{"op":"do","id":"m1","to":"session.c1","command":{"type":"message.post","text":"早"}}');
    await pass(1);
    await pass(EVERY_MS);
    expect(asked.map((wish) => [wish.after["session.c1"] ?? 0, wish.say.map((frame) => frame.id), wish.hello])).toEqual([
      [0, [], true],
      [5, ["m1"], false],
      [5, [], false],
    ]);
  });

  it.each([
    [401, 4401],
    [403, 4403],
    [429, 4429],
    [503, 1006],
  ])("closes after status %i with %i, so that the link knows what to do", async (status, code) => {
    const { closed, pass, breakDown } = setUp(status);
    (await breakDown()).send('{"op":"hello"}');
    await pass(1);
    expect(closed).toEqual([code]);
  });

  it("tries one socket after a spell, and goes back to requests when that fails too", async () => {
    const { closed, pass, breakDown, open, sockets, asked } = setUp();
    await breakDown();
    await pass(SPELL_MS);
    expect(closed).toEqual([1000]);
    const before = sockets();
    open();
    await pass(2);
    expect(sockets()).toBe(before + 1);
    open().send('{"op":"hello"}');
    await pass(1);
    expect(sockets()).toBe(before + 1);
    expect(asked.length).toBeGreaterThan(0);
  });

  it("says nothing more once closed", async () => {
    const { asked, closed, pass, breakDown } = setUp();
    const way = await breakDown();
    way.send('{"op":"hello"}');
    way.close(1000);
    await pass(EVERY_MS * 3);
    expect([asked, closed]).toEqual([[], []]);
  });
});
