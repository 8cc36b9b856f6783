/** A case as the books tell it: every event has a title, and what was noted is said in words. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { story } from "../records/case-story";
import { speak } from "../shared/i18n";

interface Schema {
  readonly properties?: { readonly type?: { readonly const?: string; readonly enum?: readonly string[] } };
}
const api = JSON.parse(readFileSync(resolve(__dirname, "../../docs/protocol/asyncapi.json"), "utf8")) as { components: { schemas: Record<string, Schema> } };
const protocol = readFileSync(resolve(__dirname, "../shared/protocol.ts"), "utf8");
const names = /export type CaseEvent =([^;]+);/.exec(protocol)?.[1]?.match(/\w+/g) ?? [];
const tag = (name: string) => api.components.schemas[name]?.properties?.type?.const ?? api.components.schemas[name]?.properties?.type?.enum?.[0] ?? "";
const when = (at: string) => `at ${at.slice(11, 16)}`;

describe("a case as a story", () => {
  beforeEach(() => speak("zh-Hans"));

  it("has a title for every event of a case, in both languages", () => {
    expect(names.length).toBeGreaterThan(40);
    for (const said of ["zh-Hans", "en"] as const) {
      speak(said);
      expect(names.filter((name) => story({ type: tag(name) }, when).title === tag(name))).toEqual([]);
    }
  });

  it("says levels, reasons, times and yes or no in words, and leaves the house's numbering out", () => {
    const raised = { type: "risk.raised", level: "high", before: "routine", source: "screening", heard_at_seq: 4, visit: { line: "main" }, reasons: [{ rule: "intake.topic.work", version: "1", category: "x" }] };
    expect(story(raised, when).facts).toEqual([["级别", "高"], ["原来", "一般"], ["来自", expect.stringMatching(/[一-鿿]/)], ["依据", "工作"]]);
    const tried = { type: "follow_up.attempted", outcome: "no_answer", person: "chen", at: "2026-11-21T15:40:00Z", note: "", again_at: "2026-11-22T02:00:00Z" };
    expect(story(tried, when).facts).toEqual([["结果", "无人应答"], ["由", "chen"], ["约在", "at 02:00"]]);
    expect(story({ type: "screening.judged", rule: "r1", right: false } as { type: string }, when).facts).toContainEqual(["提示得对", "否"]);
  });

  it("shows a safety plan by its steps, and a word it has no name for as it is", () => {
    const plan = { type: "safety_plan.kept", plan: { coping: "听歌", people: "" } } as { type: string };
    expect(story(plan, when).facts).toEqual([["我自己能做、能让我缓一缓的事", "听歌"]]);
    expect(story({ type: "visit.ended", how: "later" } as { type: string }, when).facts).toEqual([["怎样结束", "later"]]);
  });
});
