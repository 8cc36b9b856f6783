/** The calls of the books: a look with its reason, words about holds and the glass, and what waits for a second person. */
import { newId } from "../shared/browser";
import type { Instant, RecordCommand } from "../shared/protocol";

export const RESOURCES = ["transcript", "case", "record", "recording", "reach", "identity", "access_log"] as const;
export const REASONS = ["supervision", "care", "crisis", "complaint", "training", "break_glass", "disclosure", "audit"] as const;
export const CAUSES = ["life_in_danger", "harm_to_others", "minor_at_risk", "complaint", "court"] as const;
export type Resource = (typeof RESOURCES)[number];
export type Reason = (typeof REASONS)[number];
export type Cause = (typeof CAUSES)[number];

export interface Wish {
  readonly contact: string;
  readonly resource: Resource;
  readonly reason: Reason;
  readonly reference: string;
}

/** What opened, as the server tells it: `found` depends on the resource. */
export interface Opened {
  readonly wish: Wish;
  readonly look: number;
  readonly found: unknown;
}

export interface Glass {
  readonly number: number;
  readonly behind: Resource;
  readonly cause: Cause;
  readonly reference: string;
  readonly person: string;
  readonly lapses_at: Instant;
  readonly until: Instant | null;
}

export interface Waiting {
  readonly contact: string;
  readonly line: string;
  readonly mine: boolean;
  readonly glass: Glass;
}

async function send(path: string, body: object): Promise<Response | null> {
  const headers = { "Content-Type": "application/json" };
  return fetch(`/api/v1/books/${path}`, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" }).catch(() => null);
}

async function code(answer: Response | null): Promise<string> {
  if (answer === null || answer.status >= 500) return "unavailable";
  return ((await answer.json().catch(() => ({}))) as { code?: string }).code ?? "unavailable";
}

/** Look at something; the code of the refusal where it does not open. */
export async function look(wish: Wish): Promise<Opened | string> {
  const answer = await send("look", wish);
  return answer?.ok ? { wish, ...((await answer.json()) as { look: number; found: unknown }) } : code(answer);
}

/** Say something about a record; the empty string where it was done, else why not. */
export async function say(contact: string, command: RecordCommand): Promise<string> {
  const answer = await send("commands", { id: newId(), to: `record.${contact}`, command });
  return answer?.ok ? "" : code(answer);
}

/** Looks that wait for a second person; empty for whoever is not asked. */
export async function waiting(): Promise<readonly Waiting[]> {
  const answer = await fetch("/api/v1/books/waiting", { credentials: "same-origin" }).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Waiting[]) : [];
}

/** Where one party of a recording is played from; works for this person, for two hours, and nobody else. */
export function audio(opened: Opened, number: number, track: number): string {
  return `/api/v1/books/${opened.wish.contact}/recordings/${number}/audio?look=${opened.look}&track=${track}`;
}
