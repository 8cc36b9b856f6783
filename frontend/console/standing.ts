/** How this person stands to a contact: its owner, somebody beside it, or a colleague who was asked. Pure. */
import type { Attending } from "../shared/protocol";
import type { Desk, Seat, Ticket } from "../shared/reduce";
import type { Contact } from "./contact";

export type Standing = "owner" | "helper" | "consulted" | Attending;

export function standing(contact: Contact, ticket: Ticket | undefined, you: string): Standing {
  const { session } = contact;
  if (session.counselor?.id === you) return "owner";
  const beside = ticket?.company.present[you];
  if (beside?.why === "consult") return "consulted";
  const how = session.attending[you]?.how ?? beside?.how;
  if (how) return how;
  return you in session.participants ? "helper" : "owner";
}

/** Who may write to the visitor. */
export const writes = (stands: Standing): boolean => stands === "owner" || stands === "helper" || stands === "barge";

/** Who may whisper. */
export const whispers = (stands: Standing): boolean => stands !== "monitor";

/** A question of a colleague that waits for this person's answer. */
export interface Question {
  readonly what: "transfer" | "consult";
  readonly line: string;
  readonly contact: string;
  readonly number: number;
  readonly from: string;
  readonly until: string;
}

/** What colleagues ask of this person now, the most pressing first. */
export function questions(desks: Readonly<Record<string, Desk>>, you: string, now: number): Question[] {
  const found: Question[] = [];
  for (const [line, desk] of Object.entries(desks)) {
    for (const { contact, number, owner, transfer, company } of Object.values(desk.tickets)) {
      const each = { line, contact, number, from: owner ?? "" };
      if (transfer?.to === you) found.push({ ...each, what: "transfer", until: transfer.until });
      if (company.asked?.to === you) found.push({ ...each, what: "consult", until: company.asked.until });
    }
  }
  return found.filter((each) => Date.parse(each.until) > now).sort((one, other) => Date.parse(one.until) - Date.parse(other.until));
}

const TAKING = new Set(["ready", "standby"]);

/** Colleagues who could take over, or be asked to look along: reading takes no slot. */
export function colleagues(desk: Desk | undefined, you: string, what: "transfer" | "consult"): Seat[] {
  const room = (seat: Seat) => seat.slots - seat.contacts.length;
  return Object.values(desk?.seats ?? {})
    .filter((seat) => seat.counselor !== you && seat.lost_at === null && seat.state !== "off")
    .filter((seat) => what === "consult" || TAKING.has(seat.state))
    .sort((one, other) => room(other) - room(one) || one.name.localeCompare(other.name, "zh"));
}
