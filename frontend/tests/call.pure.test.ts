/** The pure parts of a call: the fold, the watchdog, quality in words, the meter. */
import { describe, expect, it } from "vitest";
import { expectsSound, legOf, NO_CALL, reduceCall, VISITOR_LEG, type CallEvent, type CallView } from "../shared/call";
import { eased, levelOf, scaled } from "../shared/call-level";
import { judge, QualityMeter, type Counts } from "../shared/call-quality";
import { numbersOf } from "../shared/call-stats";
import { CONNECT_MS, DEAD_MS, look, SILENT_MS, watchFrom, type Watch } from "../shared/call-watch";
import { whyNot } from "../shared/call-microphone";

const at = "2026-11-22T00:00:00Z";
const call = "c1.1";
const tell = (events: readonly CallEvent[], from: CallView = NO_CALL) => events.reduce<CallView>((view, event) => reduceCall(view, event), from);
const TALK: readonly CallEvent[] = [
  { type: "call.requested", call, side: "visitor", at },
  { type: "call.accepted", call, counselor: "chen", grade: "counselor", at },
  { type: "call.placed", call, at },
  { type: "call.leg_connected", call, leg: "visitor", of: "visitor" },
  { type: "call.leg_connected", call, leg: "staff.chen", of: "counselor" },
  { type: "call.started", call, at },
];

describe("the call's fold", () => {
  it("goes from asked over connecting to live, and back to nothing with the reason", () => {
    expect(tell(TALK.slice(0, 1))).toMatchObject({ phase: "asked", askedBy: "visitor" });
    expect(tell(TALK.slice(0, 2))).toMatchObject({ phase: "connecting", counselor: "chen" });
    expect(tell(TALK)).toMatchObject({ phase: "live", connected: ["visitor", "staff.chen"] });
    const over = tell([...TALK, { type: "call.ended", call, reason: "visitor", at }]);
    expect(over).toMatchObject({ phase: "none", call: "", ended: { reason: "visitor", talked: true } });
    expect(tell([...TALK.slice(0, 1), { type: "call.ended", call, reason: "declined", at }]).ended?.talked).toBe(false);
  });

  it("counts placements, so that pages offer anew, and forgets who was connected", () => {
    const moved = tell([...TALK, { type: "call.placed", call, at }]);
    expect(moved.placed).toBe(2);
    expect(moved.connected).toEqual([]);
    expect([...moved.lost].sort()).toEqual(["staff.chen", "visitor"]);
    expect(tell([{ type: "call.leg_connected", call, leg: "visitor", of: "visitor" }], moved).lost).toEqual(["staff.chen"]);
  });

  it("keeps guests apart by how they attend", () => {
    const guests = tell([
      ...TALK,
      { type: "call.attended", call, staff: "zhao", grade: "supervisor", how: "whisper", at },
      { type: "call.joined", call, staff: "lin", grade: "crisis_worker", on: true, at },
    ]).guests;
    expect(guests).toEqual({ zhao: { grade: "supervisor", attending: "whisper" }, lin: { grade: "crisis_worker", attending: null } });
  });

  it("hands over without hold and without the one who had it", () => {
    const handed = tell([...TALK, { type: "call.held", call, on: true }, { type: "call.handed_over", call, counselor: "lin", grade: "crisis_worker", at }]);
    expect(handed).toMatchObject({ counselor: "lin", held: false, connected: ["visitor"] });
  });

  it("knows whose microphone is off, and forgets it with whoever hands over", () => {
    const off = tell([...TALK, { type: "call.muted", call, leg: "staff.chen", of: "counselor", on: true }]);
    expect(off.muted).toEqual(["staff.chen"]);
    expect(tell([{ type: "call.muted", call, leg: "staff.chen", of: "counselor", on: false }], off).muted).toEqual([]);
    expect(tell([{ type: "call.handed_over", call, counselor: "lin", grade: "counselor", at }], off).muted).toEqual([]);
  });

  it("tells whether a recording is being written, and who paused it", () => {
    const recorded = tell([...TALK, { type: "call.recorded", call, on: true, at }, { type: "call.paused", call, on: true, side: "visitor" }]);
    expect(recorded).toMatchObject({ recorded: true, pausedBy: ["visitor"] });
    expect(tell([{ type: "call.paused", call, on: false, side: "visitor" }, { type: "call.recorded", call, on: false, at }], recorded)).toMatchObject({ recorded: false, pausedBy: [] });
  });

  it("leaves other words of the session alone", () => {
    const live = tell(TALK);
    expect(reduceCall(live, { type: "message.posted", text: "x", at })).toBe(live);
  });

  it("knows when silence is nobody's fault", () => {
    const live = tell(TALK);
    expect(expectsSound(live, VISITOR_LEG)).toBe(true);
    expect(expectsSound(tell([{ type: "call.leg_lost", call, leg: "staff.chen", of: "counselor", at }], live), VISITOR_LEG)).toBe(false);
    const held = tell([{ type: "call.held", call, on: true }], live);
    expect([expectsSound(held, VISITOR_LEG), expectsSound(held, legOf("chen"))]).toEqual([true, false]);
    const whispered = tell([{ type: "call.attended", call, staff: "zhao", grade: "supervisor", how: "whisper", at }, { type: "call.leg_lost", call, leg: "visitor", of: "visitor", at }, { type: "call.leg_connected", call, leg: "staff.zhao", of: "guest" }], live);
    expect(expectsSound(whispered, legOf("chen"))).toBe(true);
    expect(expectsSound(tell(TALK.slice(0, 3)), VISITOR_LEG)).toBe(false);
  });
});

/** Look every 200 ms from `from` to `until`; what was asked for, and when. */
function run(watch: Watch, from: number, until: number, seen: (now: number) => { packets: number; answers: number; state?: string }, expecting = true) {
  const asked: [string, number][] = [];
  for (let now = from; now <= until; now += 200) {
    const reading = { state: "connected", ...seen(now), at: now };
    const answer = look(watch, reading, expecting);
    watch = answer.watch;
    if (answer.verdict !== "fine") asked.push([answer.verdict, now - from]);
  }
  return { watch, asked };
}

describe("the watchdog", () => {
  const flowing = run(watchFrom(0), 0, 2_000, (now) => ({ packets: now / 20, answers: 1 })).watch;

  it("is content while sound flows", () => expect(flowing).toMatchObject({ tries: 0, soundAt: 2_000 }));

  it("restarts after 600 ms without a packet, then again, then makes a new connection, more and more slowly", () => {
    const { asked } = run(flowing, 2_000, 12_000, () => ({ packets: 100, answers: 1 }));
    expect(asked[0]).toEqual(["restart", SILENT_MS]);
    expect(asked.slice(0, 4).map(([verdict]) => verdict)).toEqual(["restart", "restart", "renew", "renew"]);
    const pauses = asked.slice(1).map(([, when], n) => when - asked[n]![1]);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4_000);
  });

  it("lets the other side be silent once the path has answered", () => {
    const { asked, watch } = run(flowing, 2_000, 9_000, (now) => ({ packets: 100, answers: now < 2_700 ? 1 : Math.floor(now / 500) }));
    expect(asked.map(([verdict]) => verdict)).toEqual(["restart"]);
    const again = look(watch, { at: 9_200, packets: 120, answers: 20, state: "connected" }, true).watch;
    expect(again.excused).toBe(false);
  });

  it("waits for no sound where nobody speaks, but not for a path that is dead", () => {
    const quiet = run(flowing, 2_000, 8_000, (now) => ({ packets: 100, answers: Math.floor(now / 2_500) }), false);
    expect(quiet.asked).toEqual([]);
    const dead = run(flowing, 2_000, 2_000 + DEAD_MS + 400, () => ({ packets: 100, answers: 1 }), false);
    expect(dead.asked[0]?.[0]).toBe("restart");
    expect(dead.asked[0]?.[1]).toBeLessThanOrEqual(DEAD_MS + 200);
  });

  it("makes a failed connection anew at once, and one that never came up after five seconds", () => {
    expect(look(flowing, { at: 2_200, packets: 100, answers: 1, state: "failed" }, true).verdict).toBe("renew");
    const { asked } = run(watchFrom(0), 0, CONNECT_MS, () => ({ packets: 0, answers: 0, state: "connecting" }));
    expect(asked).toEqual([["renew", CONNECT_MS]]);
  });
});

describe("quality", () => {
  const counts = (now: number, more: Partial<Counts> = {}): Counts => ({ at: now, received: now / 20, lost: 0, jitter: 5, roundTrip: 40, lostThere: 0, ...more });

  it("is a word from loss either way, jitter and round trip", () => {
    expect(judge(counts(0), counts(3_000))).toBe("good");
    expect(judge(counts(0), counts(3_000, { lost: 10 }))).toBe("fair");
    expect(judge(counts(0), counts(3_000, { lostThere: 0.2 }))).toBe("unsteady");
    expect(judge(counts(0), counts(3_000, { jitter: 60 }))).toBe("fair");
    expect(judge(counts(0), counts(3_000, { roundTrip: 900 }))).toBe("unsteady");
    expect(judge(counts(0), counts(3_000, { roundTrip: null, lostThere: null }))).toBe("good");
  });

  it("says worse at once and better only when it holds", () => {
    const meter = new QualityMeter();
    const words = [0, 3_000, 6_000, 9_000, 12_000].map((now, n) => meter.take(counts(now, { jitter: n === 2 ? 200 : 5 })));
    expect(words).toEqual([null, "good", "unsteady", "unsteady", "good"]);
  });
});

describe("numbers of getStats", () => {
  const REPORTS = [
    { type: "inbound-rtp", kind: "audio", packetsReceived: 100, packetsLost: 2, jitter: 0.01, trackIdentifier: "t1", audioLevel: 0.5 },
    { type: "inbound-rtp", kind: "audio", packetsReceived: 10, jitter: 0.002, trackIdentifier: "t2" },
    { type: "remote-inbound-rtp", fractionLost: 0.1 },
    { type: "transport", selectedCandidatePairId: "p1" },
    { type: "candidate-pair", id: "p1", responsesReceived: 3, currentRoundTripTime: 0.05, localCandidateId: "l1" },
    { type: "candidate-pair", id: "p2", responsesReceived: 2 },
    { type: "local-candidate", id: "l1", protocol: "tcp", candidateType: "host" },
  ];

  it("adds up what is there", () => {
    const found = numbersOf(REPORTS, 7, "connected");
    expect(found.reading).toEqual({ at: 7, packets: 110, answers: 5, state: "connected" });
    expect(found.counts).toEqual({ at: 7, received: 110, lost: 2, jitter: 10, roundTrip: 50, lostThere: 0.1 });
    expect(found.levels).toEqual({ t1: 0.5 });
    expect(found.path).toBe("tcp");
  });

  it("does without what a browser leaves out, and names a relay", () => {
    expect(numbersOf([], 0, "new")).toMatchObject({ counts: { received: 0, roundTrip: null, lostThere: null }, path: "" });
    expect(numbersOf([...REPORTS.slice(0, 6), { type: "local-candidate", id: "l1", protocol: "udp", candidateType: "relay" }], 0, "new").path).toBe("relay");
  });
});

it("shows loudness on a scale of decibels, and lets the needle fall slowly", () => {
  expect(levelOf([])).toBe(0);
  expect(levelOf([1, -1, 1, -1])).toBe(1);
  expect(scaled(0.001)).toBeCloseTo(0, 5);
  expect(scaled(0.1)).toBeCloseTo(2 / 3, 5);
  expect(eased(0.2, 0.9)).toBe(0.9);
  expect(eased(0.9, 0)).toBeCloseTo(0.78, 5);
});

it("names why there is no microphone", () => {
  const named = (name: string) => Object.assign(new Error("x"), { name });
  expect(["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"].map((name) => whyNot(named(name)))).toEqual(["refused", "missing", "busy", "unsupported"]);
});
