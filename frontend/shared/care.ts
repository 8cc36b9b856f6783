/** What is open beside the talk: escalation, safety plan, referrals, follow-up; folded from `case.<contact>`. */
import type { CaseEvent, Field, Item, SafetyPlan } from "./protocol";
import type { Logged } from "./session";

export interface EscalationView {
  readonly number: number;
  readonly owner: string | null;
  readonly helpers: readonly string[];
  readonly checked: readonly Item[];
  readonly rescue: "none" | "called" | "confirmed";
}

export interface ReferralView {
  readonly number: number;
  readonly partners: readonly string[];
  readonly packet: Readonly<Partial<Record<Field, string>>>;
  readonly status: "offered" | "agreed" | "refused" | "sent" | "answered" | "stalled" | "closed";
  readonly answer: string;
}

export interface CareView {
  /** The visitor pressed the key, and nobody has closed what it began. */
  readonly asked: boolean;
  readonly escalation: EscalationView | null;
  readonly plan: SafetyPlan | null;
  readonly referrals: Readonly<Record<number, ReferralView>>;
  readonly rest_until: string | null;
}

export const EMPTY_CARE: CareView = { asked: false, escalation: null, plan: null, referrals: {}, rest_until: null };

function escalated(view: CareView, change: Partial<EscalationView>): CareView {
  return view.escalation ? { ...view, escalation: { ...view.escalation, ...change } } : view;
}

function referred(view: CareView, number: number, change: Partial<ReferralView>): CareView {
  const one = view.referrals[number];
  return one ? { ...view, referrals: { ...view.referrals, [number]: { ...one, ...change } } } : view;
}

/** The view after one more event. */
export function reduceCare(view: CareView, row: Logged<CaseEvent>): CareView {
  const { event } = row;
  switch (event.type) {
    case "case.opened":
      return EMPTY_CARE;
    case "help.asked":
      return { ...view, asked: true };
    case "escalation.opened":
      return { ...view, escalation: { number: event.escalation, owner: null, helpers: [], checked: [], rescue: "none" } };
    case "escalation.renewed":
      return escalated(view, { owner: null });
    case "escalation.acknowledged":
      return escalated(view, { owner: event.person });
    case "escalation.joined":
      return escalated(view, { helpers: [...(view.escalation?.helpers ?? []), event.person] });
    case "escalation.left":
      return escalated(view, { helpers: (view.escalation?.helpers ?? []).filter((each) => each !== event.person) });
    case "escalation.checked":
      return escalated(view, { checked: [...new Set([...(view.escalation?.checked ?? []), event.item])] });
    case "rescue.called":
      return escalated(view, { rescue: "called" });
    case "rescue.confirmed":
      return escalated(view, { rescue: "confirmed" });
    case "escalation.closed":
      return { ...view, escalation: null, asked: false };
    case "debrief.prompted":
      return { ...view, rest_until: event.rest_until };
    case "safety_plan.kept":
      return { ...view, plan: event.plan };
    case "referral.offered": {
      const { referral: number, partners, packet } = event;
      const fresh: ReferralView = { number, partners: partners.map((each) => each.name), packet, status: "offered", answer: "" };
      return { ...view, referrals: { ...view.referrals, [number]: fresh } };
    }
    case "referral.agreed":
      return referred(view, event.referral, { status: "agreed" });
    case "referral.refused":
      return referred(view, event.referral, { status: "refused" });
    case "referral.sent":
      return referred(view, event.referral, { status: "sent" });
    case "referral.stalled":
      return referred(view, event.referral, { status: "stalled" });
    case "referral.answered":
      return referred(view, event.referral, { status: "answered", answer: event.answer });
    case "referral.closed":
      return referred(view, event.referral, { status: "closed" });
    default:
      return view;
  }
}
