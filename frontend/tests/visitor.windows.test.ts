import { describe, expect, it } from "vitest";
import { dialled, windows } from "../visitor/windows";

const BEIJING_1500 = Date.parse("2026-03-10T07:00:00Z");

describe("the windows for a call", () => {
  it("begin with as soon as possible and name only what is still to come", () => {
    expect(windows(BEIJING_1500).map((each) => each.key)).toEqual(["soon", "0.evening", "1.morning", "1.afternoon", "1.evening"]);
  });

  it("are the line's own hours, whatever zone the telephone is in", () => {
    const evening = windows(BEIJING_1500)[1];
    expect(evening).toEqual({ key: "0.evening", not_before: "2026-03-10T10:00:00.000Z", until: "2026-03-10T13:00:00.000Z" });
  });

  it("count the day by the line's midnight", () => {
    const beijing0030 = Date.parse("2026-03-09T16:30:00Z");
    expect(windows(beijing0030)[1]!.not_before).toBe("2026-03-10T01:00:00.000Z");
  });
});

describe("a number that can be dialled", () => {
  it("has at least five digits and nothing but what stands in numbers", () => {
    for (const fine of ["10086", "+86 138 0000 0000", "(010) 1234-5678"]) expect(dialled(fine)).toBe(true);
    for (const wrong of ["", "1234", "微信", "138x0000000", "-----"]) expect(dialled(wrong)).toBe(false);
  });
});
