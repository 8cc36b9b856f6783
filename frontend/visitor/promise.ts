/** What we promise before the first word, and the proof of which text somebody agreed to. */
import type { Language } from "../shared/i18n";
import { en } from "./locales/door.en";
import { zh } from "./locales/door.zh-Hans";

export const PROMISES = ["who", "anonymous", "kept", "limit", "shared"] as const;
export const PROMISE_VERSION = "page-1";

/** The words as shown, one paragraph a line. */
export function promiseText(language: Language): string {
  const words: Record<string, string> = language === "en" ? en : zh;
  return PROMISES.map((name) => `${words[`promise.${name}.title`]}\n${words[`promise.${name}`]}`).join("\n");
}

/** SHA-256 of promiseText. Written down, since old phones and plain http cannot compute it; a test keeps it true. */
export const PROMISE_HASH: Record<Language, string> = {
  "zh-Hans": "c38b38d9ffdbaae38348ddb5516fb5cc14ffa379a386dcef0a08a4cc97bf0377",
  en: "2e625f99ba7ca3f30df52fab898496257c79da80a582804af9bee9a29ccdc827",
};
