/** What the person asks of the case beside the talk, and what they agree to. */
import { language } from "../shared/i18n";
import type { Field, GiveReach } from "../shared/protocol";
import { REFERRAL_HASH, REFERRAL_VERSION } from "../shared/referral-text";
import { give } from "./link";
import { visit } from "./visit";

/** One key: somebody must come now. */
export function helpNow(): void {
  give(`case.${visit.contact}`, { type: "help.now" });
}

/** Yes to these fields: told to the record, with the words that were read, and to the case. */
export function agreeReferral(referral: number, fields: readonly Field[]): void {
  const said = language.value;
  const shown = { version: REFERRAL_VERSION, text_hash: REFERRAL_HASH[said], language: said };
  give(`record.${visit.contact}`, { type: "consent.give", purpose: "referral", channel: "page", ...shown });
  give(`case.${visit.contact}`, { type: "referral.consent", referral, fields });
}

export function refuseReferral(referral: number): void {
  give(`case.${visit.contact}`, { type: "referral.refuse", referral });
}

/** May the partner come into the talk? */
export function welcomePartner(referral: number, yes: boolean): void {
  give(`case.${visit.contact}`, { type: "referral.welcome", referral, yes });
}

/** How this person may be reached later; `none` takes it back. */
export function giveReach(reach: Omit<GiveReach, "type">): void {
  give(`case.${visit.contact}`, { type: "reach.give", ...reach });
}

export function bookVisit(partner: string, starts_at: string): void {
  give(`case.${visit.contact}`, { type: "appointment.book", partner, starts_at });
}

export function cancelVisit(): void {
  give(`case.${visit.contact}`, { type: "appointment.cancel" });
}

/** Rather a call than the screen; the number is kept sealed, for whoever calls. */
export function askCallback(telephone: string, not_before: string | null, until: string | null): void {
  give(`case.${visit.contact}`, { type: "callback.ask", telephone, not_before, until });
}

export function cancelCallback(): void {
  give(`case.${visit.contact}`, { type: "callback.cancel" });
}
