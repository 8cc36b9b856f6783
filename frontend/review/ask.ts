/** What the month's review reads, and the months it may be asked for. */
import type { Instant } from "../shared/protocol";

export const OUTCOMES = ["waiting", "accepted", "arrived", "missed", "declined", "unanswered", "withdrawn", "closed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface PartnerMonth {
  readonly partner: string;
  readonly sent: number;
  readonly opened: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

export interface OpenTurn {
  readonly contact: string;
  readonly line: string;
  readonly referral: number;
  readonly partner: string;
  readonly outcome: Outcome;
  readonly sent_at: Instant;
  readonly opened: boolean;
  readonly reminders: number;
}

export interface Referrals {
  readonly now: Instant;
  readonly names: Readonly<Record<string, { readonly "zh-Hans": string; readonly en: string }>>;
  readonly found: {
    readonly month: string;
    readonly partners: readonly PartnerMonth[];
    readonly open: readonly OpenTurn[];
    readonly differing: readonly string[];
    readonly erased: number;
  };
}

export interface RuleReport {
  readonly rule: string;
  readonly raised: number;
  readonly right: number;
  readonly wrong: number;
}

export interface Screening {
  readonly month: string;
  readonly rules: readonly RuleReport[];
  readonly by_people: number;
  readonly erased: number;
}

/** Read one of the two; the code of the refusal where there is nothing to show. */
export async function read<T>(what: "referrals" | "screening", month: string): Promise<T | string> {
  const answer = await fetch(`/api/v1/review/${what}?month=${month}`, { credentials: "same-origin" }).catch(() => null);
  if (answer === null || answer.status >= 500) return "unavailable";
  const body = (await answer.json().catch(() => ({}))) as T & { code?: string };
  return answer.ok ? body : (body.code ?? "unavailable");
}

/** The month of a day in the house's own time, as the server writes it: 2026-11. */
export function monthOf(now: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit" }).formatToParts(now);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

/** This month and the eleven before it, the newest first. */
export function lastMonths(now: Date, count = 12): string[] {
  const [year, month] = monthOf(now).split("-").map(Number) as [number, number];
  return Array.from({ length: count }, (_, back) => {
    const at = year * 12 + (month - 1) - back;
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
  });
}

/** What share of the people who judged a rule said that it was right; nothing where nobody did. */
export function agreement(rule: RuleReport): number | null {
  const judged = rule.right + rule.wrong;
  return judged ? Math.round((100 * rule.right) / judged) : null;
}
