import { describe, expect, it } from "vitest";
import type { Line } from "../visitor/entry";
import { speaksNow } from "../visitor/voice-hours";

const at = (clock: string) => Date.parse(`2026-11-22T${clock}:00Z`);
const line = (told: Partial<Line>): Line => ({
  id: "main",
  name: { zh: "", en: "" },
  open: true,
  admits: true,
  closes_at: null,
  opens_at: null,
  text: true,
  voice: true,
  voice_open: true,
  voice_closes_at: null,
  voice_opens_at: null,
  today: [],
  ...told,
});

describe("the hours of voice", () => {
  it("end at the minute they were told to, also on a page that was opened before", () => {
    const told = line({ voice_closes_at: "2026-11-22T13:00:00Z" });
    expect([speaksNow(told, at("12:59")), speaksNow(told, at("13:00"))]).toEqual([true, false]);
  });

  it("begin at the minute they were told to, and never where nobody knows", () => {
    const told = line({ voice_open: false, voice_opens_at: "2026-11-22T09:00:00Z" });
    expect([speaksNow(told, at("08:59")), speaksNow(told, at("09:00"))]).toEqual([false, true]);
    expect(speaksNow(line({ voice_open: false }), at("09:00"))).toBe(false);
  });

  it("are none on a line without voice, and on no line", () => {
    expect([speaksNow(line({ voice: false }), at("09:00")), speaksNow(undefined, at("09:00"))]).toEqual([false, false]);
  });
});
