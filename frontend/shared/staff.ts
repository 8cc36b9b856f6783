/** Who is signed in, and the way out; for the pages of staff. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly lines: readonly { readonly id: string; readonly name: string | { readonly zh: string; readonly en: string } }[];
  readonly mfa_required: boolean;
  readonly mfa_enrolled: boolean;
  readonly demo: boolean;
  /** The page of their role. */
  readonly home: string;
}

/** Read who is signed in: null when nobody is, and an exception when the server cannot say. */
export async function whoAmI(): Promise<Me | null> {
  const answer = await fetch("/api/v1/me", { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(`me: ${answer.status}`);
  return (await answer.json()) as Me;
}

/** The lines that have voice; none where the server cannot say. */
export async function spokenLines(): Promise<readonly string[]> {
  try {
    const answer = await fetch("/api/v1/lines");
    const lines = (await answer.json()) as readonly { readonly id: string; readonly voice: boolean }[];
    return lines.filter((line) => line.voice).map((line) => line.id);
  } catch {
    return [];
  }
}

/** Name a line in the page's language. */
export function lineName(line: Me["lines"][number], language: string): string {
  return typeof line.name === "string" ? line.name : language === "en" ? line.name.en : line.name.zh;
}

/** Go to the sign-in page and come back here. */
export function signIn(): void {
  location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
}

/** Sign out and go to the sign-in page. */
export async function signOut(): Promise<void> {
  const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  await fetch("/accounts/logout/", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": token, Accept: "text/html" },
  }).catch(() => undefined);
  signIn();
}
