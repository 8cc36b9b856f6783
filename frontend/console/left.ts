/** Words left at a closed line, read through the gate by whoever follows them up; each reading is in the access log. */
import type { Instant, Role } from "../shared/protocol";

export interface Said {
  readonly at: Instant;
  readonly role: Role;
  /** Null once erased. */
  readonly text: string | null;
}

/** What was said, or the code of the refusal. */
export async function readWords(contact: string): Promise<readonly Said[] | string> {
  const answer = await fetch("/api/v1/books/look", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ contact, resource: "transcript", reason: "care" }),
  }).catch(() => null);
  if (answer === null || answer.status >= 500) return "unavailable";
  const said = (await answer.json().catch(() => ({}))) as { found?: readonly Said[]; code?: string };
  return answer.ok ? (said.found ?? []) : (said.code ?? "unavailable");
}
