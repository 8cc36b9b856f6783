/** Keyboard shortcuts: none that a browser or an input method owns, none while somebody composes, all can be switched off. */

export type Shortcut = "next" | "previous" | "end" | "accept" | "help";

/** What is looked at of a key press. */
export interface Press {
  readonly code: string;
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
  readonly repeat: boolean;
}

const ALT: Record<string, Shortcut> = { KeyJ: "next", KeyK: "previous", KeyE: "end", KeyA: "accept" };

/** Name the shortcut of a key press; `writing` says that the focus is in a text field, where "?" is a letter. */
export function shortcut(press: Press, writing: boolean): Shortcut | null {
  if (press.isComposing || press.key === "Process" || press.repeat || press.ctrlKey || press.metaKey) return null;
  // By place and not by letter: Alt+J types "∆" on a Mac.
  if (press.altKey) return ALT[press.code] ?? null;
  return press.key === "?" && !writing ? "help" : null;
}

/** The contact before or after the chosen one, round the list; null in an empty list. */
export function neighbour(contacts: readonly string[], chosen: string | null, stride: 1 | -1): string | null {
  if (contacts.length === 0) return null;
  const here = chosen === null ? -1 : contacts.indexOf(chosen);
  if (here === -1) return contacts[stride === 1 ? 0 : contacts.length - 1] ?? null;
  return contacts[(here + stride + contacts.length) % contacts.length] ?? null;
}
