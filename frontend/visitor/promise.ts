/** What we promise before the first word, and the proof of which text somebody agreed to. */
import type { Language } from "../shared/i18n";
import { en } from "./locales/door.en";
import { zh } from "./locales/door.zh-Hans";

export const PROMISES = ["who", "anonymous", "kept", "limit", "shared"] as const;
export const PROMISE_VERSION = "page-2";

/** The words as shown, one paragraph a line. */
export function promiseText(language: Language): string {
  const words: Record<string, string> = language === "en" ? en : zh;
  return PROMISES.map((name) => `${words[`promise.${name}.title`]}\n${words[`promise.${name}`]}`).join("\n");
}

/** SHA-256 of promiseText. Written down, since old phones and plain http cannot compute it; a test keeps it true. */
export const PROMISE_HASH: Record<Language, string> = {
  "zh-Hans": "475d681e20817da0c9c08910cdc742ee5388b884f63927977b82a7e5720340d5",
  en: "06e62e0ef3f6a18f563b1579a6449230606076bcd65c49943abb73ed0d5b397d",
};
