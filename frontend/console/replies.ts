/** Answers to words left at a closed line: contacts this person follows up, which are in nobody's hands. */
import type { Parcel } from "../shared/outbox";

/** One answer on its way: `sending`, `sent`, or the code of a refusal; what was written is kept in every state. */
export interface Reply {
  readonly id: string;
  readonly contact: string;
  readonly text: string;
  readonly state: string;
}

/** The answers after the house has said something about one; others' parcels change nothing. */
export function replied(replies: readonly Reply[], { id }: Pick<Parcel, "id">, state: string): readonly Reply[] {
  return replies.some((each) => each.id === id) ? replies.map((each) => (each.id === id ? { ...each, state } : each)) : replies;
}
