/** What a counselor sees at a glance, computed from the state: who is in hand, what rings, how much is unread. */
import { computed } from "vue";
import { oldestWaiting } from "../shared/pending";
import type { RiskLevel } from "../shared/protocol";
import { rank } from "../shared/waiting";
import { riskOf, stage, unread, type Contact, type Stage } from "./contact";
import type { DutyState } from "./inbox";
import { ringing } from "./pace";
import { standing, type Standing } from "./standing";

/** One contact in hand, with its level and where it stands. */
export interface Listed {
  readonly contact: Contact;
  readonly risk: RiskLevel;
  readonly stage: Stage;
  readonly stands: Standing;
  /** Somebody else's contact: this person reads along, whispers, or takes part. */
  readonly beside: boolean;
}

/** Most urgent first, then whoever came first; calm, because rows that jump about cannot be clicked. */
function byUrgency(one: Listed, other: Listed): number {
  const arrived = ({ contact }: Listed) => Date.parse(contact.session.opened_at ?? "") || 0;
  return rank(other.risk) - rank(one.risk) || arrived(one) - arrived(other);
}

/** The lists and numbers of the page; they follow the state by themselves. */
export function glance(state: DutyState) {
  const deskOf = (contact: { readonly line: string }) => state.desks[contact.line];

  const listed = computed<Listed[]>(() =>
    Object.values(state.contacts)
      .map((contact) => {
        const its = deskOf(contact);
        const where = stage(contact, its?.tickets[contact.id], its?.seats[state.you]);
        const stands = standing(contact, its?.tickets[contact.id], state.you);
        return { contact, risk: riskOf(contact, its), stage: where, stands, beside: stands !== "owner" && stands !== "helper" };
      })
      .sort((one, other) => Number(one.stage !== "talking") - Number(other.stage !== "talking") || byUrgency(one, other)),
  );

  /** What keeps somebody at the desk: people in hand. A record that is owed may be written on another day. */
  const held = computed(() => listed.value.filter((each) => !each.beside && (each.stage === "talking" || each.stage === "writing_up")).length);
  const current = computed(() => listed.value.find((each) => each.contact.id === state.chosen) ?? null);
  const until = computed(() => (current.value ? (deskOf(current.value.contact)?.tickets[current.value.contact.id]?.until ?? null) : null));
  /** Colleagues by id, as the desks name them. */
  const names = computed(() =>
    Object.fromEntries(Object.values(state.desks).flatMap((each) => Object.values(each.seats).map((one) => [one.counselor, one.name]))),
  );
  const news = computed(() => listed.value.reduce((sum, { contact }) => sum + unread(contact), 0));
  const offers = computed(() =>
    Object.entries(state.desks).flatMap(([id, each]) =>
      ringing(Object.values(each.tickets), state.you, state.now).map((ring) => ({ ...ring, line: id })),
    ),
  );
  /** The oldest own words that nobody has taken yet, whichever contact they are for. */
  const waiting = computed(() => Object.values(state.contacts).map(({ pending }) => oldestWaiting(pending)).find((id) => id !== null) ?? null);

  return { listed, held, current, until, names, news, offers, waiting };
}
