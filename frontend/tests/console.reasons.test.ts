import { afterEach, expect, it } from "vitest";
import { en } from "../console/locales/en";
import { zh } from "../console/locales/zh-Hans";
import { reasonWord, reasonWords, sourceWord } from "../console/reasons";
import { speak } from "../shared/i18n";
import type { RiskStep } from "../shared/reduce";
import { en as wallEn } from "../wallboard/locales/en";
import { zh as wallZh } from "../wallboard/locales/zh-Hans";

const reason = (rule: string, category: string) => ({ rule, category, version: "1", start: 0, end: 0 });
const step = (part: Partial<RiskStep>): RiskStep => ({
  seq: 1,
  at: "2026-03-02T02:00:00Z",
  level: "high",
  source: "screening",
  reasons: [],
  reason: "",
  ...part,
});
afterEach(() => speak("zh-Hans"));

it("an intake's reason reads as question and answer, a rule's as its category, an unknown one as itself", () => {
  expect(reasonWord(reason("intake.thoughts.yes", "intake"))).toBe("最近两周有没有过结束生命的念头：有");
  expect(reasonWord(reason("intake.silent", "intake"))).toBe(zh["intake.silent"]);
  expect(reasonWord(reason("intake.topic.sleep", "intake"))).toBe("睡眠");
  expect(reasonWord(reason("zh.plan.tonight", "plan"))).toBe("有计划");
  expect(reasonWord(reason("zh.new.rule", "not_in_the_words_yet"))).toBe("not_in_the_words_yet");
});
it("the same reason is said once", () => {
  expect(reasonWords(step({ reasons: [reason("a.b.c", "plan"), reason("d.e.f", "plan")] }))).toEqual(["有计划"]);
});
it("a level is set by a machine, a role, or a named person", () => {
  expect(sourceWord(step({ source: "screening" }), {})).toBe("系统筛查");
  expect(sourceWord(step({ source: "k1" }), { k1: "林老师" })).toBe("林老师");
  expect(sourceWord(step({ source: "k1" }), {})).toBe("人工判定");
});
it("Chinese and English have the same words, with the same blanks to fill", () => {
  const pairs: [Record<string, string>, Record<string, string>][] = [
    [zh, en],
    [wallZh, wallEn],
  ];
  const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((each) => each[0]).sort();
  for (const [one, other] of pairs) {
    expect(Object.keys(other)).toEqual(Object.keys(one));
    for (const [key, text] of Object.entries(one)) expect([key, ...blanks(other[key] ?? "")]).toEqual([key, ...blanks(text)]);
  }
});
