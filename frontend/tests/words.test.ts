/** Words: both languages complete, same blanks to fill, and Chinese written as Chinese. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { clockTime, closingTime, daysFrom, duration, momentInWords } from "../shared/format";
import { dictionary, preferred, speak } from "../shared/i18n";
import { EMERGENCY } from "../shared/emergency";
import { REFERRAL_HASH, REFERRAL_TEXT } from "../shared/referral-text";
import { PROMISE_HASH, promiseText } from "../visitor/promise";
import { RECORDING_HASH, RECORDING_TEXT } from "../visitor/recording";

type Dictionary = Record<string, string>;
const modules = import.meta.glob<Record<string, Dictionary>>("../{shared,visitor,console,wallboard,records}/locales/*.ts", { eager: true });
const pairs = Object.keys(modules)
  .filter((path) => path.endsWith("zh-Hans.ts"))
  .map((path) => [path, modules[path]!.zh!, modules[path.replace("zh-Hans.ts", "en.ts")]?.en ?? {}] as const);
const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each(pairs)("%s", (_path, zh, en) => {
  it("has every word in English, with the same blanks", () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
    for (const key of Object.keys(zh)) expect(blanks(en[key]!), key).toEqual(blanks(zh[key]!));
  });

  it("punctuates Chinese with Chinese marks and leaves no English in it, nor Chinese in English", () => {
    const wrong = Object.entries(zh).filter(([, text]) => /[一-鿿][,?!;:()]|[,?!;()][一-鿿]/.test(text));
    expect(wrong).toEqual([]);
    const mixed = Object.entries(en).filter(([key, text]) => key !== "language.switch" && /[一-鿿]/.test(text));
    expect(mixed).toEqual([]);
  });
});

it("finds the dictionaries", () => expect(pairs.length).toBeGreaterThanOrEqual(3));

it("names every emergency number in both languages", () => {
  const [, zh, en] = pairs.find(([path]) => path.endsWith("shared/locales/zh-Hans.ts"))!;
  for (const number of EMERGENCY) for (const words of [zh, en]) expect(words[`emergency.${number}.what`]).toBeTruthy();
});

it("fills blanks, follows the language, and shows a blank it has no value for", () => {
  const t = dictionary({ hello: "您好，{name}" }, { hello: "Hello {name}" });
  speak("zh-Hans");
  expect(t("hello", { name: "林" })).toBe("您好，林");
  speak("en");
  expect(t("hello")).toBe("Hello {name}");
  speak("zh-Hans");
});

it("prefers Chinese unless the browser asks for English first", () => {
  expect(preferred(["en-US", "zh"])).toBe("en");
  expect(preferred(["fr", "zh-TW", "en"])).toBe("zh-Hans");
  expect(preferred(["fr"])).toBe("zh-Hans");
});

it("proves which promise was shown, and which words about recording and referral", () => {
  for (const said of ["zh-Hans", "en"] as const) {
    expect(createHash("sha256").update(promiseText(said)).digest("hex")).toBe(PROMISE_HASH[said]);
    expect(createHash("sha256").update(RECORDING_TEXT[said]).digest("hex")).toBe(RECORDING_HASH[said]);
    expect(createHash("sha256").update(REFERRAL_TEXT[said]).digest("hex")).toBe(REFERRAL_HASH[said]);
  }
});

it("says times as people in the line's zone say them", () => {
  const now = Date.parse("2026-11-21T15:40:00Z"); // 23:40 in Beijing
  expect(clockTime("2026-11-21T15:40:00Z", "zh-Hans")).toBe("23:40");
  expect(closingTime("2026-11-21T16:00:00Z", "zh-Hans")).toBe("24:00");
  expect(momentInWords("2026-11-22T02:00:00Z", now, "zh-Hans")).toBe("明天 10:00（11月22日 星期日）");
  expect(momentInWords("2026-11-22T02:00:00Z", now, "en")).toBe("tomorrow at 10:00 (Sunday 22 November)");
  expect(momentInWords("2026-11-21T15:59:00Z", now, "zh-Hans")).toBe("今天 23:59");
  expect(momentInWords("2026-12-01T02:00:00Z", now, "zh-Hans")).toBe("12月1日 星期二 10:00");
  expect(daysFrom(now, "2026-11-20T16:00:00Z")).toBe(0);
  expect(daysFrom(now, "2026-11-20T15:59:00Z")).toBe(-1);
  expect(duration(65)).toBe("1:05");
  expect(duration(3_723)).toBe("1:02:03");
});
