import { describe, expect, it } from "vitest";
import type { RiskLevel } from "../shared/protocol";
import { byRisk, freeSlots, highRiskUnanswered, longestWait, openState, rank, readySeats, waiting } from "../shared/waiting";

const T = Date.parse("2026-03-02T02:00:00Z");
const at = (minutes: number) => new Date(T + minutes * 60_000).toISOString();
const ticket = (number: number, risk: RiskLevel, arrived: number, phase = "waiting") => ({
  number,
  risk,
  medium: "text" as const,
  arrived_at: at(arrived),
  phase,
});
const seat = (state: string, slots: number, contacts: string[], lost_at: string | null = null) => ({
  state,
  slots,
  contacts,
  lost_at,
});

describe("who waits", () => {
  const tickets = [
    ticket(1, "routine", -30),
    ticket(2, "high", -2),
    ticket(3, "imminent", -1),
    ticket(4, "high", -3),
    ticket(5, "high", -9, "active"),
    ticket(6, "imminent", -60, "wrap_up"),
    ticket(7, "imminent", -8, "stranded"),
  ];
  it("orders by urgency, then by arrival; whoever is in good hands is not waiting", () => {
    expect(waiting(tickets).map((each) => each.number)).toEqual([7, 3, 4, 2, 1]);
  });
  it("counts by risk, and names the levels with nobody", () => {
    expect(byRisk(tickets)).toEqual({ imminent: 2, high: 2, moderate: 0, routine: 1 });
    expect(byRisk([])).toEqual({ imminent: 0, high: 0, moderate: 0, routine: 0 });
    expect(highRiskUnanswered(tickets)).toBe(4);
  });
  it("knows the longest wait, and that nobody waiting is no wait of zero", () => {
    expect(longestWait(tickets, T)).toBe(30 * 60_000);
    expect(longestWait([], T)).toBeNull();
    expect(longestWait([ticket(1, "high", 1)], T)).toBe(0);
  });
  it("ranks as the server does", () => {
    expect((["routine", "moderate", "high", "imminent"] as const).map(rank)).toEqual([0, 1, 2, 3]);
  });
});

it("only a ready and connected counselor can take somebody", () => {
  const seats = [
    seat("ready", 2, ["a"]),
    seat("ready", 3, [], at(-1)),
    seat("paused", 2, []),
    seat("entered", 2, []),
    seat("ready", 1, ["a", "b"]),
  ];
  expect(readySeats(seats)).toHaveLength(2);
  expect(freeSlots(seats)).toBe(1);
});

describe("published hours are half-open", () => {
  const hours = [
    { opens_at: at(600), closes_at: at(900), admits_until: at(880), medium: "text" as const },
    { opens_at: at(-60), closes_at: at(900), admits_until: at(880), medium: "voice" as const },
    { opens_at: at(0), closes_at: at(120), admits_until: at(100), medium: "text" as const },
  ];
  it("opens on the minute for its own medium, admits until the last admission, closes on the minute", () => {
    expect(openState(hours, T - 1)).toEqual({ open: false, opens_at: at(0) });
    expect(openState(hours, T)).toMatchObject({ open: true, admits: true, closes_at: at(120) });
    expect(openState(hours, T + 100 * 60_000)).toMatchObject({ open: true, admits: false });
    expect(openState(hours, T + 120 * 60_000)).toEqual({ open: false, opens_at: at(600) });
    expect(openState(hours, T + 900 * 60_000)).toEqual({ open: false, opens_at: null });
  });
});
