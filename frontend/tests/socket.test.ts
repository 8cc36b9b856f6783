/** Link keeps its promises over a wire that loses, doubles and breaks. */
import { describe, expect, it } from "vitest";
import { Link, type LinkState } from "../shared/socket";
import { FakeClock, House, OPEN_MS, bell, dice } from "./house";

const FEED = "session.c1";

function setUp(seed = 1) {
  const clock = new FakeClock();
  const house = new House([FEED], clock);
  const { lifecycle, ring } = bell();
  const seen: string[] = [];
  const states: LinkState[] = [];
  const acked: string[] = [];
  const refused: [string, boolean][] = [];
  let count = 0;
  const random = dice(seed);
  const link = new Link(
    { url: "ws://house/", connect: house.connect, clock, lifecycle, random, newId: () => `id${++count}` },
    {
      event: (frame, reset) => {
        if (reset) seen.length = 0;
        if ("text" in frame.event) seen.push(String(frame.event.text));
      },
      state: (state) => states.push(state),
      ack: (parcel) => acked.push(parcel.id),
      refused: (_parcel, code, retrying) => refused.push([code, retrying]),
    },
  );
  const start = () => {
    link.start();
    clock.pass(OPEN_MS);
  };
  return { house, clock, link, start, ring, seen, states, acked, refused };
}

const say = (text: string) => ({ type: "message.post", text }) as const;
const sent = (house: House, op: string) => house.wires.flatMap((wire) => wire.heard.filter((frame) => frame.op === op));

describe("a link", () => {
  it("says hello first, then commands, and is online once welcomed", () => {
    const { house, link, start, states } = setUp();
    link.send(FEED, say("早"));
    start();
    expect(house.wire.heard.map((frame) => frame.op)).toEqual(["hello", "do"]);
    expect(states).toEqual(["connecting", "online"]);
  });

  it("resumes each feed from where it stands after a loss, without doubling", () => {
    const { house, clock, start, seen } = setUp();
    start();
    house.post(FEED, "一");
    house.post(FEED, "二");
    house.wire.drop();
    house.post(FEED, "三");
    clock.pass(1_000);
    expect(house.wire.heard[0]).toEqual({ op: "hello", resume: { [FEED]: 2 } });
    expect(seen).toEqual(["一", "二", "三"]);
  });

  it("drops what it has seen and asks for what it missed", () => {
    const { house, start, seen } = setUp();
    start();
    house.post(FEED, "一");
    house.wire.say(house.log.get(FEED)![0]!);
    house.passes = (frame) => frame.op !== "event";
    house.post(FEED, "二");
    house.passes = () => true;
    house.post(FEED, "三");
    expect(sent(house, "resume")).toEqual([{ op: "resume", feed: FEED, after: 1 }]);
    expect(seen).toEqual(["一", "二", "三"]);
  });

  it("notices by a pong's heads that the newest event was lost", () => {
    const { house, clock, start, seen } = setUp();
    start();
    house.passes = (frame) => frame.op !== "event";
    house.post(FEED, "一");
    house.passes = () => true;
    clock.pass(25_000);
    expect(seen).toEqual(["一"]);
  });

  it("asks again when the answer to a resume is lost as well", () => {
    const { house, clock, start, seen } = setUp();
    start();
    house.post(FEED, "一");
    house.passes = (frame) => frame.op === "event" && frame.seq === 3;
    house.post(FEED, "二");
    house.post(FEED, "三");
    house.passes = () => true;
    clock.pass(8_000);
    expect(seen).toEqual(["一", "二", "三"]);
  });

  it("sends words of one feed one after another, the next only after the answer", () => {
    const { house, link, start, acked } = setUp();
    start();
    house.passes = (frame) => frame.op !== "ack";
    link.send(FEED, say("一"));
    link.send(FEED, say("二"));
    expect(sent(house, "do")).toHaveLength(1);
    house.passes = () => true;
    house.wire.say({ op: "ack", id: "id1", seq: 1 });
    expect(sent(house, "do").map((frame) => frame.id)).toEqual(["id1", "id2"]);
    expect(acked).toEqual(["id1", "id2"]);
  });

  it("sends an unanswered command again with the same id, after silence and after a reconnect", () => {
    const { house, clock, link, start, acked } = setUp();
    start();
    house.passes = (frame) => frame.op !== "ack";
    link.send(FEED, say("一"));
    clock.pass(11_000);
    house.wire.drop();
    clock.pass(1_000);
    house.passes = () => true;
    clock.pass(12_000);
    const ids = sent(house, "do").map((frame) => frame.id);
    expect(new Set(ids)).toEqual(new Set(["id1"]));
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(house.texts(FEED)).toEqual(["一"]);
    expect(acked).toEqual(["id1"]);
  });

  it("sends what was on its way again at once on the new socket, without waiting out the silence", () => {
    const { house, clock, link, start, acked } = setUp();
    start();
    house.hears = (frame) => frame.op !== "do";
    link.send(FEED, say("一"));
    house.wire.drop();
    house.hears = () => true;
    clock.pass(1_000);
    expect(acked).toEqual(["id1"]);
  });

  it("asks about a gap again on a new socket, though it had asked on the old one", () => {
    const { house, clock, start, seen } = setUp();
    start();
    house.hears = (frame) => frame.op !== "resume";
    house.passes = (frame) => frame.op !== "event" || frame.seq !== 1;
    house.post(FEED, "一");
    house.post(FEED, "二");
    house.wire.drop();
    clock.pass(1_000);
    house.hears = house.passes = () => true;
    house.post(FEED, "三");
    expect(sent(house, "resume").length).toBeGreaterThan(1);
    clock.pass(5_500);
    expect(seen).toEqual(["一", "二", "三"]);
  });

  it("does not hear the late words of a socket it has given up", () => {
    const { house, clock, start, seen } = setUp();
    start();
    const old = house.wire;
    old.drop();
    clock.pass(1_000);
    old.listener.received(JSON.stringify({ ...house.log.get(FEED)![0], op: "event", feed: FEED, seq: 1, prev: 0, event: { type: "message.posted", text: "旧" } }));
    old.listener.closed(4404);
    clock.pass(1_000);
    expect(seen).toEqual([]);
    expect(house.wires).toHaveLength(2);
    expect(house.wire.open).toBe(true);
  });

  it("keeps a command that may be tried again and lets a refused one go", () => {
    const { house, clock, link, start, refused } = setUp();
    house.hears = (frame) => frame.op !== "do";
    start();
    link.send(FEED, say("一"));
    link.send(FEED, say("二"));
    house.wire.say({ op: "refused", id: "id1", code: "unavailable", retry_ms: null });
    expect(link.unanswered()).toHaveLength(2);
    house.wire.say({ op: "refused", id: "id1", code: "session_over", retry_ms: null });
    house.hears = () => true;
    clock.pass(11_000);
    expect(refused).toEqual([["unavailable", true], ["session_over", false]]);
    expect(house.texts(FEED)).toEqual(["二"]);
  });

  it("reconnects after 2.5 heartbeats of silence", () => {
    const { house, clock, start, states } = setUp();
    start();
    house.passes = () => false;
    clock.pass(49_000);
    expect(house.wires).toHaveLength(1);
    clock.pass(4_000);
    expect(house.wires.length).toBeGreaterThan(1);
    expect(states).toContain("offline");
  });

  it("asks after 3 s whether the line is dead when words are not answered, and speaks on a new one within 10 s", () => {
    const { house, clock, link, start, acked } = setUp();
    start();
    clock.pass(30_000);
    house.wire.open = false; // half-open: nothing arrives on either side, and nobody is told
    link.send(FEED, say("还在吗"));
    clock.pass(9_500);
    expect(acked).toEqual(["id1"]);
    expect(house.texts(FEED)).toEqual(["还在吗"]);
  });

  it("keeps a line that answers pings while a command takes its time", () => {
    const { house, clock, link, start } = setUp();
    start();
    house.hears = (frame) => frame.op !== "do";
    link.send(FEED, say("一"));
    clock.pass(30_000);
    expect(house.wires).toHaveLength(1);
    expect(sent(house, "ping").length).toBeLessThan(12);
  });

  it("looks at once when the page wakes, without back-off", () => {
    const { house, clock, link, start, ring } = setUp();
    house.reachable = false;
    start();
    clock.pass(60_000);
    const tries = house.wires.length;
    house.reachable = true;
    house.wire.drop();
    ring();
    clock.pass(OPEN_MS);
    expect(house.wires.length).toBe(tries + 1);
    expect(link.state).toBe("online");
  });

  it("tests a socket after sleep and replaces it within 5 s when it is dead", () => {
    const { house, clock, link, start } = setUp();
    start();
    house.wire.open = false;
    clock.sleep(600_000);
    clock.pass(1_000);
    clock.pass(5_500);
    expect(house.wires.length).toBeGreaterThan(1);
    expect(link.state).toBe("online");
  });

  it("keeps a socket that answers after sleep", () => {
    const { house, clock, start } = setUp();
    start();
    clock.sleep(600_000);
    clock.pass(30_000);
    expect(house.wires).toHaveLength(1);
  });

  it("gives up a connection that is never welcomed after 5 s and tries again", () => {
    const { house, clock, link, start } = setUp();
    house.welcoming = false;
    start();
    clock.pass(4_900);
    house.welcoming = true;
    clock.pass(2_000);
    expect(house.wires.length).toBe(2);
    expect(link.state).toBe("online");
  });

  it("is served again within 10 s of the house's return, however long it was away", () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const { house, clock, link, start } = setUp(seed);
      start();
      house.reachable = false;
      house.wire.drop();
      for (let i = 0; i < 200; i += 1) {
        clock.pass(997 + seed);
        if (house.wire.open) house.wire.drop();
      }
      house.reachable = true;
      clock.pass(10_000);
      expect(link.state, `seed ${seed}`).toBe("online");
    }
  });

  it("comes back when the house said it would", () => {
    const { house, clock, start } = setUp();
    start();
    house.wire.say({ op: "bye", after_ms: 3_000 });
    house.wire.drop(1012);
    clock.pass(2_900);
    expect(house.wires).toHaveLength(1);
    clock.pass(200);
    expect(house.wires).toHaveLength(2);
  });

  it.each([4400, 4401, 4403, 4404])("stops for good at close code %i, and can be started again with its outbox", (code) => {
    const { house, clock, link, start } = setUp();
    start();
    house.hears = (frame) => frame.op !== "do";
    link.send(FEED, say("一"));
    house.wire.drop(code);
    clock.pass(120_000);
    expect(link.state).toBe("stopped");
    expect(house.wires).toHaveLength(1);
    house.hears = () => true;
    start();
    expect(house.texts(FEED)).toEqual(["一"]);
  });

  it("forgets a feed that is over, and takes a snapshot as the new beginning", () => {
    const { house, link, start, seen } = setUp();
    start();
    house.post(FEED, "一");
    house.wire.say({ op: "unfollowed", feed: FEED });
    expect(link.at(FEED)).toBe(0);
    house.wire.say({ op: "snapshot", feed: "desk.l", seq: 41, view: { tickets: {}, seats: {}, intervals: [], policy_version: 1, alarms: {}, notices: {}, intake_closed_until: null, surge_until: null, uncovered: [], incidents: {} } });
    expect(link.at("desk.l")).toBe(41);
    expect(seen).toEqual(["一"]);
  });

  it("replaces a receipt that has not left yet, and lets receipts pass words", () => {
    const { house, clock, link, start } = setUp();
    link.send(FEED, { type: "receipt.mark", delivered: 1, read: 1 });
    link.send(FEED, { type: "receipt.mark", delivered: 2, read: 2 });
    expect(link.unanswered()).toHaveLength(1);
    house.hears = (frame) => frame.op !== "do";
    start();
    link.send(FEED, say("一"));
    expect(sent(house, "do")).toHaveLength(2);
    clock.pass(1);
  });
});

describe("over random schedules of loss, doubling, breaks and sleep", () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))("shows every word once and in order, and sends every word once and in order (seed %i)", (seed) => {
    const random = dice(seed * 7919 + 1);
    const { house, clock, link, start, ring, seen } = setUp(seed);
    const mine: string[] = [];
    start();
    house.passes = () => random() > 0.15;
    house.hears = () => random() > 0.1;
    for (let i = 0; i < 80; i += 1) {
      const roll = random();
      if (roll < 0.35) link.send(FEED, say(mine[mine.push(`m${i}`) - 1]!));
      else if (roll < 0.6) house.post(FEED, `theirs ${i}`);
      else if (roll < 0.7) house.wire.drop();
      else if (roll < 0.75) ring();
      else if (roll < 0.78) clock.sleep(30_000 * random());
      else if (roll < 0.82) house.wire.say(house.log.get(FEED)![0] ?? { op: "bye", after_ms: 100 });
      clock.pass(4_000 * random());
    }
    house.passes = house.hears = () => true;
    clock.pass(60_000);
    expect(seen.length).toBeGreaterThan(20);
    expect(seen).toEqual(house.texts(FEED));
    expect(house.texts(FEED).filter((text) => text.startsWith("m"))).toEqual(mine);
    expect(link.unanswered()).toHaveLength(0);
  });
});
