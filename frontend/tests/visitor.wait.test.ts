import { describe, expect, it } from "vitest";
import { speak } from "../shared/i18n";
import type { Place } from "../shared/protocol";
import { waitInWords } from "../visitor/wait";

const place = (low: number | null, high: number | null): Place => ({ type: "place", ahead: 2, waiting: true, ringing: false, on_duty: 3, low_min: low, high_min: high, why: "" });

describe("the wait in words", () => {
  it("is a range, never a lone number", () => {
    speak("zh-Hans");
    expect(waitInWords(place(5, 10))).toBe("大约还要等 5–10 分钟");
    expect(waitInWords(place(0, 5))).toBe("大约还要等 5 分钟以内");
    expect(waitInWords(place(40, null))).toBe("大约还要等 40 分钟以上");
  });

  it("is nothing where no reliable estimate can be given", () => {
    for (const unknown of [null, place(null, null), place(0, null)]) expect(waitInWords(unknown)).toBe("");
  });
});
