/** Words in two languages: a typed dictionary and nothing more. zh-Hans is the source, English must be complete. */
import { ref } from "vue";

export type Language = "zh-Hans" | "en";
export type Words = Readonly<Record<string, string>>;

/** The language every page and component reads; never stored on the device. */
export const language = ref<Language>("zh-Hans");

/** Take a language and tell the document, so that a screen reader pronounces it. */
export function speak(chosen: Language): void {
  language.value = chosen;
  if (typeof document !== "undefined") document.documentElement.lang = chosen;
}

/** The language a browser asks for, Chinese unless it clearly prefers English. */
export function preferred(wanted: readonly string[]): Language {
  const first = wanted.find((tag) => /^(zh|en)\b/i.test(tag));
  return first && /^en\b/i.test(first) ? "en" : "zh-Hans";
}

/**
 * Make the `t` of a page or component from its own words: `t("waiting.ahead", { n: 3 })` fills `{n}`.
 * Reading it in a template makes the template follow the language.
 */
export function dictionary<Z extends Words>(zh: Z, en: Readonly<Record<keyof Z, string>>) {
  return (key: keyof Z & string, values: Readonly<Record<string, string | number>> = {}): string => {
    const text: string = (language.value === "en" ? en : zh)[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}
