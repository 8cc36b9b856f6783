import { describe, expect, it } from "vitest";
import type { DeskView, SeatView, TicketView } from "../shared/protocol";
import { EMPTY_DESK } from "../shared/desk";
import { alarms, isLate } from "../wallboard/alarms";
import { concern, queueInOrder, seatsInOrder, seatWord, takers, talksInOrder, ticketWord } from "../wallboard/board";

const T = Date.parse("2026-03-02T02:00:00Z");
const at = (seconds: number) => new Date(T + seconds * 1000).toISOString();
const ticket = (number: number, part: Partial<TicketView> = {}): TicketView => ({
  contact: `c${number}`,
  number,
  medium: "text",
  risk: "routine",
  tier: 1,
  arrived_at: at(-30),
  due_at: at(3570),
  language: "zh-Hans",
  phase: "waiting",
  owner: null,
  offers: [],
  away_since: null,
  until: null,
  transfer: null,
  callback: false,
  incident: null,
  not_before: null,
  company: { present: {}, asked: null },
  ...part,
});
const seat = (name: string, part: Partial<SeatView> = {}): SeatView => ({
  counselor: name,
  name,
  grade: "counselor",
  state: "ready",
  slots: 2,
  reason: "",
  burst: false,
  since: at(-600),
  lost_at: null,
  contacts: [],
  owed: [],
  shift_ends_at: null,
  ...part,
});
const desk = (tickets: TicketView[], seats: SeatView[], part: Partial<DeskView> = {}): DeskView => ({
  ...EMPTY_DESK,
  tickets: Object.fromEntries(tickets.map((each) => [each.contact, each])),
  seats: Object.fromEntries(seats.map((each) => [each.counselor, each])),
  ...part,
});
const codes = (one: DeskView, now = T) => alarms([one], now).map((each) => each.code);

describe("alarms", () => {
  it("says how many steps of the ladder would call nobody outside, and nothing where all would", () => {
    expect(alarms([], T, ["duty_supervisor", "duty_supervisor_2"])).toEqual([{ code: "uncalled", n: 2 }]);
    expect(alarms([], T)).toEqual([]);
  });

  it("are silent while all is well, also with somebody waiting a moment", () => {
    expect(codes(desk([], []))).toEqual([]);
    expect(codes(desk([ticket(1)], [seat("a")]))).toEqual([]);
  });
  it("name imminent at once, high after a minute", () => {
    expect(codes(desk([ticket(1, { risk: "imminent", tier: 0, arrived_at: at(0) })], [seat("a")]))).toEqual(["imminent"]);
    const high = ticket(1, { risk: "high", arrived_at: at(-60) });
    expect(codes(desk([high], [seat("a")]))).toEqual([]);
    expect(alarms([desk([high], [seat("a")])], T + 1)).toEqual([{ code: "high", n: 1, longest: 60_001 }]);
  });
  it("put somebody out of reach before numbers, and do not count them twice", () => {
    const gone = ticket(1, { risk: "imminent", tier: 0, phase: "stranded" });
    expect(codes(desk([gone], [seat("a")]))).toEqual(["stranded"]);
  });
  it("say that nobody is there only when somebody waits", () => {
    expect(codes(desk([], [seat("a", { state: "paused" })]))).toEqual([]);
    expect(codes(desk([ticket(1)], [seat("a", { state: "paused" }), seat("b", { lost_at: at(-5) })]))).toEqual(["nobody_ready"]);
  });
  it("name a counselor who was lost with people in hand, not one with empty hands", () => {
    const held = seat("王", { lost_at: at(-5), contacts: ["x", "y"] });
    expect(alarms([desk([], [held, seat("b", { lost_at: at(-5) })])], T)).toEqual([{ code: "lost", name: "王", n: 2 }]);
  });
  it("count those past their target; imminent has none", () => {
    expect(isLate(ticket(1, { due_at: at(-1) }), T)).toBe(true);
    expect(isLate(ticket(1, { due_at: at(0) }), T)).toBe(false);
    expect(isLate(ticket(1, { due_at: at(-1), risk: "imminent" }), T)).toBe(false);
    expect(isLate(ticket(1, { due_at: at(-1), phase: "active" }), T)).toBe(false);
  });
  it("warn half an hour before closing, only with people waiting", () => {
    const hours = { intervals: [{ opens_at: at(-3600), closes_at: at(1800), admits_until: at(900), medium: "text" as const }] };
    expect(codes(desk([ticket(1)], [seat("a")], hours))).toEqual(["closing"]);
    expect(codes(desk([ticket(1)], [seat("a")], hours), T - 1)).toEqual([]);
    expect(codes(desk([], [seat("a")], hours))).toEqual([]);
  });
});

describe("rows", () => {
  it("list out of reach first, then as the desk will offer", () => {
    const rows = [
      ticket(4, { due_at: at(900) }),
      ticket(3, { due_at: at(900) }),
      ticket(2, { due_at: at(100), phase: "active" }),
      ticket(5, { tier: 0, risk: "imminent" }),
      ticket(1, { tier: 0, risk: "imminent", phase: "stranded" }),
    ];
    expect(queueInOrder(rows).map((each) => each.number)).toEqual([1, 5, 3, 4]);
  });
  it("say how a ticket stands: ringing only while an offer lasts", () => {
    const offers = [{ offer: "o", counselor: "k", at: at(0), expires_at: at(20) }];
    expect(ticketWord(ticket(1, { offers }), T)).toEqual({ word: "ringing", n: 1 });
    expect(ticketWord(ticket(1, { offers }), T + 20_000).word).toBe("waiting");
    expect(ticketWord(ticket(1, { away_since: at(-5) }), T).word).toBe("away");
    expect(ticketWord(ticket(1, { phase: "stranded", away_since: at(-5) }), T).word).toBe("stranded");
  });
  it("name a seat by what it can do now", () => {
    expect(seatWord(seat("a", { lost_at: at(-1) }))).toBe("lost");
    expect(seatWord(seat("a", { contacts: ["x", "y"] }))).toBe("busy");
    expect(seatWord(seat("a", { state: "off", lost_at: at(-1) }))).toBe("off");
    expect(seatWord(seat("a", { state: "entered", lost_at: at(-1) }))).toBe("off");
    expect(seatWord(seat("a", { state: "entered", lost_at: at(-1), contacts: ["x"] }))).toBe("lost");
    const order = seatsInOrder([seat("d", { state: "entered" }), seat("c", { lost_at: at(-1) }), seat("b"), seat("a")]);
    expect(order.map((each) => each.name)).toEqual(["a", "b", "c", "d"]);
  });
  it("weigh concern: danger, then nobody there", () => {
    expect(concern([], [])).toBe(0);
    expect(concern([ticket(1)], [seat("a")])).toBe(0);
    expect(concern([ticket(1)], [])).toBe(1);
    expect(concern([ticket(1, { risk: "high" })], [seat("a")])).toBe(2);
  });
});

describe("the roster", () => {
  it("is named where published hours of the coming days have too few people, and only then", () => {
    const gap = { begins_at: at(3600), ends_at: at(7200), have: 0, need: 1 };
    expect(alarms([desk([], [], { uncovered: [gap] })], T)).toEqual([{ code: "uncovered", n: 1, at: at(3600) }]);
    expect(codes(desk([], [], { uncovered: [gap] }), T + 8_000_000)).toEqual([]);
  });
});

describe("whom a supervisor may choose", () => {
  it("is whoever is on duty and connected, most room first, and never the owner", () => {
    const seats = [seat("chen", { contacts: ["c1"] }), seat("lin"), seat("wang", { state: "paused" }), seat("zhou", { lost_at: at(0) })];
    expect(takers(seats, ticket(1, { owner: null })).map((each) => each.name)).toEqual(["lin", "chen"]);
    expect(takers(seats, ticket(1, { phase: "active", owner: "lin" })).map((each) => each.name)).toEqual(["chen"]);
  });

  it("shows talks under way only, the most urgent first", () => {
    const tickets = [ticket(1), ticket(2, { phase: "active" }), ticket(3, { phase: "active", risk: "high" }), ticket(4, { phase: "wrap_up" })];
    expect(talksInOrder(tickets).map((each) => each.number)).toEqual([3, 2]);
  });
});
