import { describe, expect, it } from "vitest";
import { owedSince, pace, ringing, ringLeft, secondsLeft } from "../console/pace";
import type { Role } from "../shared/protocol";

const T = Date.parse("2026-03-02T02:00:00Z");
const at = (seconds: number) => new Date(T + seconds * 1000).toISOString();
const said = (role: Role, seconds: number) => ({ at: at(seconds), by: { role } });
const offer = (id: string, counselor: string, from: number, until: number) => ({
  offer: id,
  counselor,
  at: at(from),
  expires_at: at(until),
});

describe("slow replies", () => {
  it("nothing is owed before the visitor says something", () => {
    expect(pace([], T)).toBe("calm");
    expect(owedSince([said("counselor", 0)])).toBeNull();
  });
  it("shades at 60 and at 120 seconds since the visitor's last message, not a moment before", () => {
    const talk = [said("counselor", 0), said("visitor", 10)];
    expect(pace(talk, T + 69_999)).toBe("calm");
    expect(pace(talk, T + 70_000)).toBe("slow");
    expect(pace(talk, T + 129_999)).toBe("slow");
    expect(pace(talk, T + 130_000)).toBe("late");
  });
  it("an answer calms, whoever of the staff gave it", () => {
    for (const role of ["counselor", "supervisor", "crisis_worker"] as const) {
      expect(pace([said("visitor", 0), said(role, 5)], T + 999_000)).toBe("calm");
    }
  });
});

describe("offers", () => {
  it("count down to 0 and no further", () => {
    const one = offer("a", "k", 0, 20);
    expect([0, 1, 19_001, 20_000, 25_000].map((ms) => secondsLeft(one, T + ms))).toEqual([20, 20, 1, 0, 0]);
    expect([0, 5_000, 20_000, 30_000, -5_000].map((ms) => ringLeft(one, T + ms))).toEqual([1, 0.75, 0, 0, 1]);
    expect(ringLeft(offer("a", "k", 5, 5), T)).toBe(0);
  });
  it("ring only for the counselor who is asked, while they last, the one that ends first in front", () => {
    const tickets = [
      { number: 1, offers: [offer("a", "k", 0, 20), offer("b", "other", 0, 20)] },
      { number: 2, offers: [offer("c", "k", 0, 10)] },
      { number: 3, offers: [] },
    ];
    expect(ringing(tickets, "k", T).map((each) => each.offer.offer)).toEqual(["c", "a"]);
    expect(ringing(tickets, "k", T + 10_000).map((each) => each.ticket.number)).toEqual([1]);
    expect(ringing(tickets, "nobody", T)).toEqual([]);
  });
});
