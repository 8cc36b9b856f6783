/** What the person does in the talk. */
import type { SubmitIntake } from "../shared/protocol";
import { forgetContact } from "./entry";
import { give, leave, news, reached, tell, told } from "./link";
import { sessionFeed, visit } from "./visit";

export function say(text: string): void {
  const base = reached();
  const id = give(sessionFeed(), { type: "message.post", text });
  news({ type: "written", id, text, base });
}

export function sayAgain(id: string): void {
  const failed = visit.pending.find((each) => each.id === id);
  letGo(id);
  if (failed) say(failed.text);
}

export function letGo(id: string): void {
  news({ type: "discarded", id });
}

export function typing(on: boolean): void {
  tell({ type: "typing", on });
}

/** Words up to `seq` have been on the screen. */
export function seen(seq: number): void {
  if (seq > Math.max(told.seq, visit.session.receipts.visitor.read)) {
    told.seq = seq;
    give(sessionFeed(), { type: "receipt.mark", delivered: seq, read: seq });
  }
}

/** Send the answers; what was skipped is left out. */
export function answer(form: Omit<SubmitIntake, "type">): void {
  told.answered = true;
  give(`case.${visit.contact}`, { type: "intake.submit", ...form });
}

/** Leave the questions for the conversation. */
export function proceed(): void {
  visit.answering = false;
}

export function askAgain(): void {
  visit.answering = true;
}

/** The hours may have begun: take a place in the queue. */
export function askPlace(): void {
  give(sessionFeed(), { type: "contact.ask" });
}

export function end(): void {
  give(sessionFeed(), { type: "session.end" });
}

/** Give the cookie back and go to the door. */
export async function clear(): Promise<void> {
  await forgetContact();
  leave(false);
}
