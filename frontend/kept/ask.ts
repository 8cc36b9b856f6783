/** The calls of this page: by the cookie of the talk, or by a code. Every answer is the whole book, or why not. */
import type { Instant } from "../shared/protocol";

export interface Book {
  readonly line: string;
  readonly closed_at: Instant | null;
  readonly erase_at: Instant | null;
  readonly sealed: boolean;
  readonly gone: boolean;
  readonly held_until: Instant | null;
  readonly kept: readonly { readonly medium: "text" | "voice"; readonly floor_at: Instant; readonly purge_at: Instant; readonly destroyed: boolean }[];
  readonly consents: readonly { readonly purpose: Purpose; readonly version: string; readonly text_hash: string; readonly channel: string; readonly given_at: Instant }[];
  readonly refusals: readonly Purpose[];
  readonly recordings: readonly { readonly begun_at: Instant; readonly ended_at: Instant | null }[];
  readonly receipts: readonly { readonly medium: "text" | "voice"; readonly at: Instant; readonly digest: string; readonly in_backups_until: string }[];
  readonly looks: readonly { readonly at: Instant; readonly role: string; readonly number: number; readonly what: string; readonly why: string }[];
  readonly verified: string;
  readonly glasses: readonly { readonly behind: string; readonly cause: string; readonly until: Instant }[];
}

export type Purpose = "recording" | "storage" | "referral" | "statistics" | "training";
export type Failure = "unknown" | "fast" | "down";
export type Answer = { readonly book: Book } | { readonly failure: Failure };

async function post(path: string, body: object): Promise<Response | null> {
  const headers = { "Content-Type": "application/json" };
  return fetch(`/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" }).catch(() => null);
}

async function book(path: string, body: object): Promise<Answer> {
  const answer = await post(path, body);
  if (answer?.ok) return { book: (await answer.json()) as Book };
  if (answer?.status === 429) return { failure: "fast" };
  return { failure: answer === null || answer.status >= 500 ? "down" : "unknown" };
}

export const read = (code: string) => book("kept", { code });
export const withdraw = (code: string, purpose: Purpose) => book("kept/withdraw", { code, purpose });
export const erase = (code: string) => book("kept/erase", { code, sure: true });

/** A code to ask again with later; null where this browser has no talk, or nobody answers. */
export async function freshCode(): Promise<string | null> {
  const answer = await post("kept/code", {});
  return answer?.ok ? ((await answer.json()) as { code: string }).code : null;
}

/** Show a number; null where it was noted, else why not. */
export async function verify(proof: "union_card" | "national_id", number: string): Promise<"wrong" | "fast" | "down" | "closed" | null> {
  const answer = await post("contacts/current/verify", { proof, number });
  if (answer?.ok) return null;
  if (answer === null || answer.status >= 500) return "down";
  return answer.status === 429 ? "fast" : answer.status === 422 ? "wrong" : "closed";
}
