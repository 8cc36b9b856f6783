/** Writing rules: length in characters, cleaning, and an input method's keys. */
import { expect, it } from "vitest";
import { clean, composing, left, lengthOf, sends } from "../shared/compose";

const press = (key: string, more: object = {}) => ({ key, shiftKey: false, isComposing: false, keyCode: 0, ...more });

it("counts as the server counts: code points", () => {
  expect(lengthOf("好𠮷😀")).toBe(3);
  expect(left("字".repeat(3_999))).toBe(1);
  expect(left("😀".repeat(4_001))).toBe(-1);
});

it("sends no NUL, no half character and no blank", () => {
  expect(clean(" 好\0的\ud83d ")).toBe("好的");
  expect(clean("😀")).toBe("😀");
  expect(clean(" \n　")).toBe("");
});

it("sends on Enter, not on Shift+Enter, and never while an input method works", () => {
  expect(sends(press("Enter"))).toBe(true);
  expect(sends(press("Enter", { shiftKey: true }))).toBe(false);
  expect(sends(press("Enter", { isComposing: true }))).toBe(false);
  expect(sends(press("Enter", { keyCode: 229 }))).toBe(false);
  expect(composing(press("Escape", { keyCode: 229 }))).toBe(true);
});
