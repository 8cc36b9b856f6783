/** The case as a page shows it: intake and risk, folded from `case.<contact>`. */
import { EMPTY_CARE, reduceCare, type CareView } from "./care";
import type { CaseEvent, Instant, IntakeSubmitted, ReasonCode, RiskLevel } from "./protocol";
import type { Logged } from "./session";

export type Intake = Required<Omit<IntakeSubmitted, "type">>;

/** One change of the level, with who or what changed it and why. */
export interface RiskStep {
  readonly seq: number;
  readonly at: Instant;
  readonly level: RiskLevel;
  readonly source: string;
  readonly reasons: readonly ReasonCode[];
  readonly reason: string;
}

export interface CaseView {
  /** When intake lapses; null until the case's first event is here. */
  readonly intake_until: Instant | null;
  readonly intake: Intake | null;
  readonly lapsed: boolean;
  readonly level: RiskLevel | null;
  readonly steps: readonly RiskStep[];
  readonly closed: boolean;
  /** How the person may be reached, as they last said. */
  readonly reach: { readonly means: string; readonly value: string; readonly hours: string } | null;
  /** A call that the person wished for. */
  readonly callback: { readonly not_before: Instant | null; readonly until: Instant | null } | null;
  readonly care: CareView;
}

export const EMPTY_CASE: CaseView = { intake_until: null, intake: null, lapsed: false, level: null, steps: [], closed: false, reach: null, callback: null, care: EMPTY_CARE };

function stepped(view: CaseView, step: RiskStep): CaseView {
  return { ...view, level: step.level, steps: [...view.steps, step] };
}

/** The view after one more event. */
export function reduceCase(view: CaseView, row: Logged<CaseEvent>): CaseView {
  const before = row.event.type === "case.opened" ? EMPTY_CASE : view;
  const care = reduceCare(before.care, row);
  return { ...reduceRisk(before, row), care };
}

function reduceRisk(view: CaseView, row: Logged<CaseEvent>): CaseView {
  const { event, seq, at } = row;
  switch (event.type) {
    case "case.opened":
      return { ...EMPTY_CASE, intake_until: event.intake_until };
    case "intake.submitted": {
      const { topics = [], thoughts = null, plan = null, acted = null, about = "self", text = "" } = event;
      return { ...view, intake: { topics, thoughts, plan, acted, about, text } };
    }
    case "intake.lapsed":
      return { ...view, lapsed: true };
    case "risk.assessed":
      return stepped(view, { seq, at, level: event.level, source: "intake", reasons: event.reasons ?? [], reason: "" });
    case "risk.raised": {
      const { level, source, reasons = [] } = event;
      return stepped(view, { seq, at, level, source, reasons, reason: "" });
    }
    case "risk.lowered": {
      const { level, reason } = event;
      return stepped(view, { seq, at, level, source: row.by.id, reasons: [], reason });
    }
    case "reach.given": {
      const { means, value = "", hours = "" } = event;
      return { ...view, reach: means === "none" ? null : { means, value, hours } };
    }
    case "callback.asked":
      return { ...view, callback: { not_before: event.not_before ?? null, until: event.until ?? null } };
    case "callback.taken_back":
      return { ...view, callback: null };
    case "case.closed":
      return { ...view, closed: true };
    default:
      return view;
  }
}
