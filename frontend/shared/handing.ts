/** Referrals as a page shows them: offered, agreed to, sent, answered, and the partner who comes into the talk. */
import type { Answer, CaseEvent, Field } from "./protocol";

export type ReferralStatus = "offered" | "agreed" | "refused" | "sent" | "accepted" | "missed" | "done" | "stalled" | "closed";

export interface ReferralView {
  readonly number: number;
  readonly partners: readonly { readonly id: string; readonly name: string }[];
  /** Whose turn it is. */
  readonly partner: string;
  readonly packet: Readonly<Partial<Record<Field, string>>>;
  readonly fields: readonly Field[];
  readonly status: ReferralStatus;
  readonly note: string;
  /** Whether the partner may come into the talk, or is there. */
  readonly talk: "" | "asked" | "agreed" | "in";
}

export type ReferralEvent = Extract<CaseEvent, { type: `referral.${string}` }>;
export type Referrals = Readonly<Record<number, ReferralView>>;

/** Where a partner's answer leaves a referral; a declined one goes on with the next event. */
const AFTER: Readonly<Record<Answer, ReferralStatus>> = {
  accepted: "accepted",
  declined: "sent",
  attended: "done",
  missed: "missed",
  finished: "done",
};

/** The referrals after one more event. */
export function reduceReferral(all: Referrals, event: ReferralEvent): Referrals {
  if (event.type === "referral.offered") {
    const { referral: number, partners, packet } = event;
    const known = partners.map(({ id, name }) => ({ id, name }));
    const fresh: ReferralView = { number, partners: known, partner: known[0]?.id ?? "", packet, fields: [], status: "offered", note: "", talk: "" };
    return { ...all, [number]: fresh };
  }
  const one = all[event.referral];
  return one ? { ...all, [event.referral]: changed(one, event) } : all;
}

function changed(one: ReferralView, event: ReferralEvent): ReferralView {
  switch (event.type) {
    case "referral.agreed":
      return { ...one, status: "agreed", fields: event.fields };
    case "referral.refused":
      return { ...one, status: "refused", talk: "" };
    case "referral.sent":
      return { ...one, status: "sent", partner: event.partner, talk: "" };
    case "referral.stalled":
      return { ...one, status: "stalled", talk: "" };
    case "referral.answered":
      return { ...one, status: AFTER[event.answer], note: event.note ?? "" };
    case "referral.closed":
      return { ...one, status: "closed", talk: "" };
    case "referral.invited":
      return { ...one, talk: "asked" };
    case "referral.welcomed":
      return { ...one, talk: event.yes ? "agreed" : "" };
    case "referral.entered":
      return { ...one, talk: "in" };
    case "referral.departed":
      return { ...one, talk: "" };
    default:
      return one;
  }
}
