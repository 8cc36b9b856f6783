/** A case's events as a person reads them: a title, and what was noted, in words; pure. */
import { t as duty, type DutyKey } from "../console/duty-words";
import { reasonWord } from "../console/reasons";
import { word as console_ } from "../console/words";
import { t as care, type CareKey } from "../shared/care-words";
import { t as told, type KeptKey } from "../kept/words";
import { dictionary } from "../shared/i18n";
import type { ReasonCode } from "../shared/protocol";
import { t as shared } from "../shared/words";
import { en } from "./locales/case.en";
import { zh } from "./locales/case.zh-Hans";

const t = dictionary(zh, en);
type Key = keyof typeof zh;
type Value = string | number | boolean | null | readonly unknown[] | object;
export interface Step {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** Told elsewhere on the page (when, by whom, which contact), or the house's own numbering. */
const UNTOLD = new Set(["type", "at", "visit", "line", "rules", "escalation", "referral", "intake_until", "heard_at_seq", "version", "number", "page", "over"]);
const INSTANT = /^\d{4}-\d\d-\d\dT/;
/** Dictionaries say a key back where they have no word for it. */
const known = (words: string, key: string) => (words === "" || words === key ? null : words);
const dutied = (prefix: string) => (value: string) => known(duty(`${prefix}.${value}` as DutyKey), `${prefix}.${value}`);

/** How the values of a field are called; several ways where several events share the field's name. */
const WORDS: Readonly<Record<string, readonly ((value: string) => string | null)[]>> = {
  level: [(value) => shared(`risk.${value}` as "risk.high")],
  before: [(value) => shared(`risk.${value}` as "risk.high")],
  topics: [(value) => console_(`topic.${value}`, value)],
  thoughts: [(value) => console_(`intake.thoughts.${value}`, value)],
  plan: [(value) => console_(`intake.plan.${value}`, value)],
  acted: [(value) => console_(`intake.acted.${value}`, value)],
  about: [(value) => known(console_(`intake.about.${value}`, ""), ""), dutied("pace.about")],
  source: [(value) => known(console_(`risk.source.${value}`, ""), "")],
  cause: [dutied("alarm.cause"), (value) => (value === "out_of_hours" ? duty("left.title") : null)],
  item: [dutied("case.item")],
  service: [dutied("case.rescue")],
  outcome: [dutied("case.outcome"), dutied("task.reached")],
  disposition: [dutied("task.ending")],
  ending: [dutied("refer.ending")],
  kept: [dutied("visit.kept")],
  means: [dutied("follow.by")],
  fields: [(value) => known(care(`field.${value}` as CareKey), `field.${value}`)],
  grade: [(value) => known(told(`role.${value}` as KeptKey), `role.${value}`)],
};

/** One event; `when` writes an instant. */
export function story(event: { readonly type: string }, when: (at: string) => string): Step {
  const facts = Object.entries(event)
    .filter(([name, value]) => !UNTOLD.has(name) && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .flatMap(([name, value]) => noted(name, value as Value, when));
  return { title: event.type in zh ? t(event.type as Key) : event.type, facts };
}

function noted(name: string, value: Value, when: (at: string) => string): (readonly [string, string])[] {
  // The steps of a safety plan, the fields of a packet: each has a name of its own.
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).filter(([, said]) => said).map(([key, said]) => [inner(name, key), String(said)] as const);
  }
  return [[`is.${name}` in zh ? t(`is.${name}` as Key) : name, spoken(name, value, when)]];
}

function inner(name: string, key: string): string {
  const as = `${name === "packet" ? "field" : name}.${key}`;
  return known(care(as as CareKey), as) ?? key;
}

function spoken(name: string, value: unknown, when: (at: string) => string): string {
  if (Array.isArray(value)) return [...new Set(value.map((each) => spoken(name, each, when)))].join(" · ");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "object" && value !== null) return "rule" in value ? reasonWord(value as ReasonCode) : "name" in value ? String(value.name) : JSON.stringify(value);
  if (typeof value !== "string") return String(value);
  if (INSTANT.test(value)) return when(value);
  for (const say of WORDS[name] ?? []) {
    const word = say(value);
    if (word) return word;
  }
  return value;
}
