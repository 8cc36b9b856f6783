/** Why a level was set, in words: an intake's answer by its question, a rule by its category. */
import type { ReasonCode } from "../shared/protocol";
import type { RiskStep } from "../shared/reduce";
import { t, word } from "./words";

const SOURCES = ["intake", "screening", "counselor", "supervisor", "visitor"];

/** `intake.thoughts.yes` -> question and answer; any other rule -> its category. */
export function reasonWord(reason: ReasonCode): string {
  const [from, question, answer] = reason.rule.split(".");
  if (from === "intake" && question === "topic" && answer) return word(`topic.${answer}`, answer);
  if (from === "intake" && question && answer) {
    const asked = word(`intake.${question}`, question);
    return t("intake.said", { question: asked, answer: word(`intake.${question}.${answer}`, answer) });
  }
  return word(reason.rule, word(`category.${reason.category}`, reason.category));
}

/** The distinct reasons of a step, each once. */
export function reasonWords(step: RiskStep): string[] {
  return [...new Set(step.reasons.map(reasonWord))];
}

/** Who set a level: the kind of source, or the person's name where the desk knows it. */
export function sourceWord(step: RiskStep, names: Readonly<Record<string, string>>): string {
  if (SOURCES.includes(step.source)) return word(`risk.source.${step.source}`, step.source);
  return names[step.source] ?? t("risk.source.person");
}
