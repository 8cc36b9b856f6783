/** What is open beside the talk: escalation, safety plan, referrals, follow-up, appointment; folded from `case.<contact>`. */
import type { CaseEvent, Instant, SafetyPlan } from "./protocol";
import { reduceEscalation, type EscalationEvent, type EscalationView } from "./crisis";
import { reduceReferral, type ReferralEvent, type ReferralView } from "./handing";
import type { Logged } from "./session";

export interface FollowUpView {
  readonly steps: readonly Instant[];
  readonly owner: string | null;
  readonly due: boolean;
  readonly attempts: readonly { readonly outcome: string; readonly person: string; readonly at: Instant; readonly note: string }[];
  readonly note: string;
}

export interface AppointmentView {
  readonly partner: string;
  readonly starts_at: Instant;
  readonly held: boolean;
}

export interface CareView {
  /** The visitor pressed the key, and nobody has closed what it began. */
  readonly asked: boolean;
  readonly escalation: EscalationView | null;
  readonly plan: SafetyPlan | null;
  readonly referrals: Readonly<Record<number, ReferralView>>;
  readonly follow_up: FollowUpView | null;
  readonly reach: { readonly means: string; readonly value: string; readonly hours: string } | null;
  readonly appointment: AppointmentView | null;
  /** The last place that was asked for and could not be had, or was taken back. */
  readonly lost: { readonly starts_at: Instant; readonly was_held: boolean } | null;
  readonly agreement: { readonly words: string; readonly about: string } | null;
  /** The last word on each rule of the screening: `rule` -> right. */
  readonly judged: Readonly<Record<string, boolean>>;
  readonly rest: { readonly until: Instant; readonly people: readonly string[] } | null;
}

export const EMPTY_CARE: CareView = {
  asked: false,
  escalation: null,
  plan: null,
  referrals: {},
  follow_up: null,
  reach: null,
  appointment: null,
  lost: null,
  agreement: null,
  judged: {},
  rest: null,
};

function followed(view: CareView, change: Partial<FollowUpView>): CareView {
  return view.follow_up ? { ...view, follow_up: { ...view.follow_up, ...change } } : view;
}

/** The view after one more event. */
export function reduceCare(view: CareView, row: Logged<CaseEvent>): CareView {
  const { event } = row;
  const [part] = event.type.split(".");
  if (part === "referral") return { ...view, referrals: reduceReferral(view.referrals, event as ReferralEvent) };
  if (part === "escalation" || part === "rescue") {
    const escalation = reduceEscalation(view.escalation, event as EscalationEvent);
    return { ...view, escalation, asked: event.type === "escalation.closed" ? false : view.asked };
  }
  return reduceOther(view, row);
}

function reduceOther(view: CareView, row: Logged<CaseEvent>): CareView {
  const { event } = row;
  switch (event.type) {
    case "case.opened":
      return EMPTY_CARE;
    case "help.asked":
      return { ...view, asked: true };
    case "debrief.prompted":
      return { ...view, rest: { until: event.rest_until, people: event.people } };
    case "safety_plan.kept":
      return { ...view, plan: event.plan };
    case "reach.given": {
      const { means, value = "", hours = "" } = event;
      return { ...view, reach: means === "none" ? null : { means, value, hours } };
    }
    case "screening.judged":
      return { ...view, judged: { ...view.judged, [event.rule]: event.right } };
    case "agreement.made":
      return { ...view, agreement: { words: event.words, about: event.about ?? "" } };
    case "agreement.ended":
      return { ...view, agreement: null };
    default:
      return reduceAppointment(reduceFollowUp(view, row), row);
  }
}

function reduceFollowUp(view: CareView, { event }: Logged<CaseEvent>): CareView {
  switch (event.type) {
    case "follow_up.planned": {
      const { owner = null, attempts = [] } = view.follow_up ?? {};
      return { ...view, follow_up: { steps: event.steps, owner, attempts, due: false, note: event.note ?? "" } };
    }
    case "follow_up.taken":
      return followed(view, { owner: event.person });
    case "follow_up.fell_due":
    case "follow_up.overdue":
      return followed(view, { due: true });
    case "follow_up.attempted": {
      const { outcome, person, at, note = "" } = event;
      return followed(view, { due: false, attempts: [...(view.follow_up?.attempts ?? []), { outcome, person, at, note }] });
    }
    case "follow_up.closed":
      return { ...view, follow_up: null };
    default:
      return view;
  }
}

function reduceAppointment(view: CareView, { event }: Logged<CaseEvent>): CareView {
  switch (event.type) {
    case "appointment.asked":
      return { ...view, lost: null, appointment: { partner: event.partner, starts_at: event.starts_at, held: false } };
    case "appointment.held":
      return view.appointment ? { ...view, appointment: { ...view.appointment, held: true } } : view;
    case "appointment.lost":
      return { ...view, appointment: null, lost: { starts_at: event.starts_at, was_held: event.was_held } };
    case "appointment.cancelled":
    case "appointment.ended":
      return { ...view, appointment: null };
    default:
      return view;
  }
}
