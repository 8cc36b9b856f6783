/**
 * Words on their way: bubbles shown below the log until their event arrives.
 *
 * The ack may come before or after the event, and either may come twice over two sockets; a bubble is shown exactly
 * until one of them proves that the log shows the words.
 */
export interface Pending {
  readonly id: string;
  readonly text: string;
  /** Feed position when it was written; only later events can be it. */
  readonly base: number;
  /** Where the log stood after it, once acknowledged. */
  readonly seq: number | null;
  /** The own event with these words has arrived: not shown any more, the ack is still awaited. */
  readonly shown: boolean;
  /** Refusal code, when it was not taken; the person may try again or let it go. */
  readonly failed: string | null;
}

export type PendingNews =
  | { readonly type: "written"; readonly id: string; readonly text: string; readonly base: number }
  | { readonly type: "acked"; readonly id: string; readonly seq: number; readonly at: number }
  | { readonly type: "refused"; readonly id: string; readonly code: string }
  | { readonly type: "discarded"; readonly id: string }
  /** An own message stands in the log. */
  | { readonly type: "arrived"; readonly seq: number; readonly text: string | null };

export const EMPTY_PENDING: readonly Pending[] = [];

/** The oldest words that nobody has answered yet, by their id. */
export function oldestWaiting(pending: readonly Pending[]): string | null {
  return pending.find((each) => each.seq === null && each.failed === null)?.id ?? null;
}

/** The bubbles after one more piece of news. */
export function reducePending(pending: readonly Pending[], news: PendingNews): readonly Pending[] {
  const without = (id: string) => pending.filter((each) => each.id !== id);
  const change = (id: string, to: Partial<Pending>) => pending.map((each) => (each.id === id ? { ...each, ...to } : each));
  switch (news.type) {
    case "written": {
      const { id, text, base } = news;
      return [...pending, { id, text, base, seq: null, shown: false, failed: null }];
    }
    case "acked": {
      const mine = pending.find((each) => each.id === news.id);
      return !mine || mine.shown || news.at >= news.seq ? without(news.id) : change(news.id, { seq: news.seq });
    }
    case "refused":
      return change(news.id, { failed: news.code, shown: false });
    case "discarded":
      return without(news.id);
    case "arrived": {
      const mine = pending.find(
        (each) => !each.shown && each.failed === null && each.text === news.text && news.seq > each.base,
      );
      if (!mine) return pending;
      return mine.seq === null ? change(mine.id, { shown: true }) : without(mine.id);
    }
  }
}
