/** Everything a counselor may do at the console; what comes back arrives through the inbox. */
import type { AnyCommand, RiskLevel } from "../shared/protocol";
import type { Answer } from "../shared/questions";
import { reducePending } from "../shared/reduce";
import type { WrapDraft } from "./contact";
import { Inbox } from "./inbox";

export type { News } from "./inbox";
export type PauseReason = "break" | "meal" | "supervision" | "training";

export class Duty extends Inbox {
  choose(contact: string | null): void {
    this.state.chosen = contact;
  }

  ready(line: string, slots: number, burst = false): void {
    this.ask(`desk.${line}`, { type: "seat.ready", slots, burst });
  }

  standBy(line: string): void {
    this.ask(`desk.${line}`, { type: "seat.stand_by" });
  }

  /** A word to the desk: about who is beside a talk, or whose it is to be. */
  desk(line: string, command: AnyCommand): void {
    this.ask(`desk.${line}`, command);
  }

  /** Say something that only the staff of this contact see. */
  whisper(id: string, text: string): void {
    this.ask(`session.${id}`, { type: "message.whisper", text });
  }

  whispering(id: string, whisper: string): void {
    const contact = this.state.contacts[id];
    if (contact) this.put({ ...contact, whisper });
  }

  pause(line: string, reason: PauseReason): void {
    this.ask(`desk.${line}`, { type: "seat.pause", reason });
  }

  leave(line: string): void {
    this.ask(`desk.${line}`, { type: "seat.leave" });
  }

  accept(line: string, offer: string): void {
    this.ask(`desk.${line}`, { type: "offer.accept", offer });
  }

  decline(line: string, offer: string): void {
    this.ask(`desk.${line}`, { type: "offer.decline", offer });
  }

  take(line: string): void {
    this.ask(`desk.${line}`, { type: "ticket.take" });
  }

  say(id: string, text: string, draft = ""): void {
    const contact = this.state.contacts[id];
    if (!contact) return;
    const feed = `session.${id}`;
    const parcel = this.ask(feed, { type: "message.post", text });
    const written = { type: "written", id: parcel, text, base: this.link.at(feed) } as const;
    this.put({ ...contact, draft, pending: reducePending(contact.pending, written) });
  }

  /** Let go of words that were refused; with `again` they are sent once more. */
  discard(id: string, pending: string, again: boolean): void {
    const contact = this.state.contacts[id];
    const words = contact?.pending.find((each) => each.id === pending);
    if (!contact || !words) return;
    this.put({ ...contact, pending: reducePending(contact.pending, { type: "discarded", id: pending }) });
    if (again) this.say(id, words.text, contact.draft);
  }

  write(id: string, draft: string): void {
    const contact = this.state.contacts[id];
    if (contact) this.put({ ...contact, draft });
  }

  /** Answer what was left at a closed line; the contact is not in anybody's hands. */
  reply(contact: string, text: string): void {
    const id = this.ask(`session.${contact}`, { type: "message.post", text });
    this.state.replies = [...this.state.replies, { id, contact, text, state: "sending" }];
  }

  typing(id: string, on: boolean): void {
    this.link.hint(`session.${id}`, { type: "typing", on });
  }

  end(id: string): void {
    this.ask(`session.${id}`, { type: "session.end" });
  }

  /** A word about the call of a contact. */
  call(id: string, command: AnyCommand): void {
    this.ask(`session.${id}`, command);
  }

  /** Ask a session for what is answered at once and never kept. */
  question(id: string, command: AnyCommand): Promise<Answer> {
    return this.link.ask(`session.${id}`, command);
  }

  keepWrap(id: string, wrap: WrapDraft): void {
    const contact = this.state.contacts[id];
    if (contact) this.put({ ...contact, wrap });
  }

  submitWrap(id: string): void {
    const wrap = this.state.contacts[id]?.wrap;
    if (!wrap?.disposition) return;
    const { disposition, note, issues } = wrap;
    this.ask(`session.${id}`, { type: "wrap_up.submit", disposition, note, issues });
  }

  raise(id: string, level: RiskLevel): void {
    this.ask(`case.${id}`, { type: "risk.raise", level, source: "counselor", reasons: [] });
  }

  /** A word of the crisis, the referral or the follow-up. */
  care(id: string, command: AnyCommand): void {
    this.ask(`case.${id}`, command);
  }

  /** A word for the record: what the visitor agreed to aloud. */
  record(id: string, command: AnyCommand): void {
    this.ask(`record.${id}`, command);
  }

  lower(id: string, level: RiskLevel, reason: string): void {
    this.ask(`case.${id}`, { type: "risk.lower", level, reason });
  }

  /** True while a command of this type for this feed has not been answered. */
  asking(type: AnyCommand["type"], feed: string): boolean {
    return Object.values(this.state.asked).includes(`${type} ${feed}`);
  }
}
