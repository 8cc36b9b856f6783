/** Commands that are answered at once or not at all (an SDP offer): never kept, never sent again behind one's back. */

import type { Reply } from "./protocol";

/** The house said no, or nobody answered: `offline`, `late`, or the code of a refusal. */
export class Unanswered extends Error {
  constructor(
    readonly code: string,
    /** When the house would like to be asked again, in ms. */
    readonly retryMs: number | null = null,
  ) {
    super(code);
  }
}

/** An answer, for this page alone. */
export type Answer = Reply["body"];

interface Asked {
  readonly done: (answer: Answer) => void;
  readonly failed: (why: Unanswered) => void;
  readonly stop: () => void;
}

export const ANSWER_WITHIN_MS = 5_000;

export class Questions {
  private readonly open = new Map<string, Asked>();

  /** Wait for the answer to `id`; `after` is the link's timer. */
  put(id: string, after: (ms: number, run: () => void) => () => void): Promise<Answer> {
    return new Promise((done, failed) => {
      const stop = after(ANSWER_WITHIN_MS, () => this.fail(id, "late"));
      this.open.set(id, { done, failed, stop });
    });
  }

  answer(id: string, answer: Answer): void {
    this.take(id)?.done(answer);
  }

  /** True where somebody asked this. */
  fail(id: string, code: string, retryMs: number | null = null): boolean {
    const asked = this.take(id);
    asked?.failed(new Unanswered(code, retryMs));
    return asked !== undefined;
  }

  /** The socket is gone, and with it whatever was asked on it. */
  failAll(): void {
    for (const id of [...this.open.keys()]) this.fail(id, "offline");
  }

  private take(id: string): Asked | undefined {
    const asked = this.open.get(id);
    asked?.stop();
    this.open.delete(id);
    return asked;
  }
}
