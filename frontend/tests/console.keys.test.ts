import { expect, it } from "vitest";
import { neighbour, shortcut, type Press } from "../console/keys";

const press = (part: Partial<Press>): Press => ({
  code: "",
  key: "",
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  repeat: false,
  ...part,
});

it("Alt and a letter's place name the shortcuts", () => {
  const names = ["KeyJ", "KeyK", "KeyE", "KeyA", "KeyQ"].map((code) => shortcut(press({ code, altKey: true }), true));
  expect(names).toEqual(["next", "previous", "end", "accept", null]);
});
it("a Mac's letter for Alt+J does not matter", () => {
  expect(shortcut(press({ code: "KeyJ", key: "∆", altKey: true }), false)).toBe("next");
});
it("nothing happens while somebody composes Chinese, holds a key down, or presses what a browser owns", () => {
  const j = { code: "KeyJ", altKey: true };
  expect(shortcut(press({ ...j, isComposing: true }), true)).toBeNull();
  expect(shortcut(press({ ...j, key: "Process" }), true)).toBeNull();
  expect(shortcut(press({ ...j, repeat: true }), true)).toBeNull();
  expect(shortcut(press({ ...j, ctrlKey: true }), true)).toBeNull();
  expect(shortcut(press({ ...j, metaKey: true }), true)).toBeNull();
});
it("a question mark asks for help, unless it is being written", () => {
  expect(shortcut(press({ key: "?" }), false)).toBe("help");
  expect(shortcut(press({ key: "?" }), true)).toBeNull();
});
it("next and previous go round the list", () => {
  expect(neighbour([], null, 1)).toBeNull();
  expect(neighbour(["a", "b"], null, 1)).toBe("a");
  expect(neighbour(["a", "b"], null, -1)).toBe("b");
  expect(neighbour(["a", "b"], "b", 1)).toBe("a");
  expect(neighbour(["a", "b"], "a", -1)).toBe("b");
  expect(neighbour(["a", "b"], "gone", 1)).toBe("a");
});
