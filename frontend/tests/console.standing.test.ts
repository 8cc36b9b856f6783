/** How somebody stands to a contact decides what they may write, and to whom. */
import { describe, expect, it } from "vitest";
import { colleagues, questions, standing, whispers, writes } from "../console/standing";
import { newContact, type Contact } from "../console/contact";
import { EMPTY_DESK, type Desk, type Seat, type Ticket } from "../shared/desk";
import type { Company } from "../shared/protocol";

const AT = "2026-03-02T02:00:00Z";
const NOW = Date.parse(AT);
const later = (s: number) => new Date(NOW + s * 1000).toISOString();
const owner = { id: "chen", name: "陈老师", grade: "counselor", epoch: 1 } as const;

function contact(part: Partial<Contact["session"]> = {}): Contact {
  const fresh = newContact("c1", "main");
  return { ...fresh, session: { ...fresh.session, counselor: owner, phase: "active", ...part } };
}

function ticket(company: Company = { present: {}, asked: null }, part: Partial<Ticket> = {}): Ticket {
  return {
    ...{ contact: "c1", number: 3, medium: "text", risk: "routine", tier: 1, arrived_at: AT, due_at: AT, language: "zh-Hans" },
    ...{ phase: "active", owner: "chen", offers: [], away_since: null, until: null, transfer: null, callback: false, not_before: null, company },
    ...part,
  } as Ticket;
}

function seat(counselor: string, part: Partial<Seat> = {}): Seat {
  return {
    ...{ counselor, name: counselor, grade: "counselor", state: "ready", slots: 2, reason: "", since: AT, lost_at: null },
    ...{ contacts: [], owed: [], burst: false },
    ...part,
  } as Seat;
}

describe("standing", () => {
  it("is the owner's, whatever else is said of them", () => {
    const both = contact({ attending: { chen: { grade: "counselor", how: "monitor" } } });
    expect(standing(both, ticket(), "chen")).toBe("owner");
  });

  it("is as the session says, and as the desk says where the session has not heard yet", () => {
    expect(standing(contact({ attending: { zhao: { grade: "supervisor", how: "whisper" } } }), ticket(), "zhao")).toBe("whisper");
    const present = { zhao: { how: "monitor", why: "supervision", grade: "supervisor" } } as const;
    expect(standing(contact(), ticket({ present, asked: null }), "zhao")).toBe("monitor");
    const asked = { lin: { how: "whisper", why: "consult", grade: "counselor" } } as const;
    expect(standing(contact({ attending: { lin: { grade: "counselor", how: "whisper" } } }), ticket({ present: asked, asked: null }), "lin")).toBe("consulted");
    expect(standing(contact({ participants: { zhou: "crisis_worker" } }), ticket(), "zhou")).toBe("helper");
  });

  it("lets only those write to the visitor whom the visitor knows of, and only who speaks whisper", () => {
    expect((["owner", "helper", "barge"] as const).every(writes)).toBe(true);
    expect((["monitor", "whisper", "consulted"] as const).some(writes)).toBe(false);
    expect(whispers("monitor")).toBe(false);
    expect((["owner", "helper", "barge", "whisper", "consulted"] as const).every(whispers)).toBe(true);
  });
});

describe("questions of colleagues", () => {
  const asks: Desk = {
    ...EMPTY_DESK,
    tickets: {
      c1: ticket({ present: {}, asked: { to: "lin", until: later(60) } }),
      c2: ticket(undefined, { contact: "c2", number: 4, transfer: { to: "lin", until: later(30) } }),
      c3: ticket(undefined, { contact: "c3", transfer: { to: "lin", until: later(-1) } }),
      c4: ticket(undefined, { contact: "c4", transfer: { to: "wang", until: later(30) } }),
    },
  };

  it("are those to this person that have not lapsed, the most pressing first", () => {
    expect(questions({ main: asks }, "lin", NOW).map((each) => `${each.what} ${each.contact}`)).toEqual(["transfer c2", "consult c1"]);
  });

  it("go to who takes contacts, or to anybody at a console where nothing is taken", () => {
    const seats = {
      chen: seat("chen"),
      lin: seat("lin", { contacts: ["x", "y"] }),
      wang: seat("wang", { state: "paused" }),
      zhou: seat("zhou", { lost_at: AT }),
      zhao: seat("zhao", { state: "standby", slots: 0 }),
    };
    const desk = { ...EMPTY_DESK, seats };
    expect(colleagues(desk, "chen", "transfer").map((each) => each.counselor)).toEqual(["lin", "zhao"]);
    expect(colleagues(desk, "chen", "consult").map((each) => each.counselor)).toEqual(["wang", "lin", "zhao"]);
  });
});
