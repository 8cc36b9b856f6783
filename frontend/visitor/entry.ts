/** The few HTTP calls of the visitor's page. Everything else goes over the socket. */
import type { Language } from "../shared/i18n";
import type { Instant, Medium } from "../shared/protocol";

/** One service line as `GET lines` tells it. */
export interface Line {
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly open: boolean;
  readonly admits: boolean;
  readonly closes_at: Instant | null;
  readonly opens_at: Instant | null;
  readonly text: boolean;
  readonly voice: boolean;
  readonly voice_open: boolean;
  readonly voice_closes_at: Instant | null;
  readonly voice_opens_at: Instant | null;
  readonly today: readonly { readonly opens: string; readonly closes: string }[];
}

export interface Current {
  readonly contact: string;
  readonly line: string;
}

const API = "/api/v1/";
const TIMEOUT_MS = 10_000;

/** The server could not be reached or did not answer in time; nothing is known about the outcome. */
export class Unreachable extends Error {}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(API + path, { credentials: "same-origin", signal: cut.signal, ...init });
    if (answer.status >= 500) throw new Unreachable();
    return answer;
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}

export async function getLines(): Promise<Line[]> {
  const answer = await ask("lines");
  if (!answer.ok) throw new Unreachable();
  return ((await answer.json()) as Line[]).filter((line) => line.text);
}

/** Something that has happened to many, in the line's own words. */
export interface Incident {
  readonly title: string;
  readonly known: string;
  readonly told_at: Instant;
}

/** What is told of incidents; nothing where it cannot be asked just now. */
export async function getIncidents(line: string): Promise<readonly Incident[]> {
  try {
    const answer = await ask(`lines/${line}/incidents`);
    return answer.ok ? ((await answer.json()) as Incident[]) : [];
  } catch {
    return [];
  }
}

/** The contact this browser holds a cookie for, or null. */
export async function getCurrent(): Promise<Current | null> {
  const answer = await ask("contacts/current");
  return answer.status === 200 ? ((await answer.json()) as Current) : null;
}

export async function openContact(line: string, language: Language, medium: Medium): Promise<Current> {
  const body = JSON.stringify({ line, medium, language });
  const answer = await ask("contacts", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!answer.ok) throw new Unreachable();
  return (await answer.json()) as Current;
}

/** The hash of the consent text this line asks for before it records a call, by language; empty where it does not record. */
export async function getRecording(line: string): Promise<Partial<Record<Language, string>>> {
  try {
    const answer = await ask(`lines/${encodeURIComponent(line)}/recording`);
    return answer.ok ? ((await answer.json()) as { texts: Partial<Record<Language, string>> }).texts : {};
  } catch {
    return {}; // Not asked, so not recorded.
  }
}

/** Ask the server to take the cookie back. Best effort, and it may outlive the page. */
export async function forgetContact(): Promise<void> {
  try {
    await fetch(`${API}contacts/current`, { method: "DELETE", credentials: "same-origin", keepalive: true });
  } catch {
    // The page is being left; there is nobody to tell.
  }
}
