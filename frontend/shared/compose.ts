/** Rules for what a person writes: length, cleaning, and which key press means "send". */
import { TEXT_LIMIT_CHARS } from "./protocol";

export { TEXT_LIMIT_CHARS };

/** Length as the server counts it: code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** What is really sent: no NUL, no half characters, no blank ends. Empty means there is nothing to send. */
export function clean(text: string): string {
  return text.replace(/\0/g, "").replace(/[\uD800-\uDFFF]/gu, "").trim();
}

/** How many characters are left; negative when it is too long. */
export function left(text: string): number {
  return TEXT_LIMIT_CHARS - lengthOf(clean(text));
}

/** What matters of a keyboard event. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  /** 229 while an input method works, also where `isComposing` is already false (Safari). */
  readonly keyCode: number;
}

/** True while an input method turns keys into characters: then no key is ours. */
export function composing(press: KeyPress): boolean {
  return press.isComposing || press.keyCode === 229;
}

/** Enter sends; Shift+Enter is a new line; an input method keeps its Enter. */
export function sends(press: KeyPress): boolean {
  return press.key === "Enter" && !press.shiftKey && !composing(press);
}
