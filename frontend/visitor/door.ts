/** The door: which step the page is at, the lines and their hours, and the way into a contact. */
import { shallowReactive } from "vue";
import { language } from "../shared/i18n";
import type { Medium } from "../shared/protocol";
import { getCurrent, getLines, openContact, type Line } from "./entry";
import { speaksNow } from "./voice-hours";

/** `contact`: there is one, and its session says the rest; `unreachable`: nothing answers; `stale`: reload needed. */
export type Step = "loading" | "landing" | "notice" | "contact" | "unreachable" | "stale";

interface Door {
  step: Step;
  lines: readonly Line[];
  line: string;
  medium: Medium;
  /** An earlier contact turned out to be over. */
  gone: boolean;
  busy: boolean;
  failed: boolean;
  /** The screen of the moment fills the visible page and scrolls inside. */
  filled: boolean;
  /** Something was said while the page was out of sight. */
  news: boolean;
}

export const door = shallowReactive<Door>({
  step: "loading",
  lines: [],
  line: "",
  medium: "text",
  gone: false,
  busy: false,
  failed: false,
  filled: false,
  news: false,
});

const RETRY_MS = 15_000;
const FURNISH_MS = 2_000;
const FURNISH_TRIES = 5;

type Rooms = typeof import("./rooms");
let furnished: Promise<Rooms> | null = null;

/** The screens of a contact, in a file of their own: fetched at once, while the door is already on the screen. */
export function rooms(): Promise<Rooms> {
  furnished ??= fetchRooms(1);
  return furnished;
}

async function fetchRooms(tries: number): Promise<Rooms> {
  try {
    return await import("./rooms");
  } catch (fault) {
    if (tries >= FURNISH_TRIES) {
      door.step = "stale";
      throw fault;
    }
    await new Promise((later) => setTimeout(later, FURNISH_MS));
    return fetchRooms(tries + 1);
  }
}

/** Look where this browser stands: in a contact, or at the door. */
export async function arrive(): Promise<void> {
  door.failed = false;
  try {
    const [current, lines] = await Promise.all([getCurrent(), getLines()]);
    show(lines);
    if (!current) door.step = "landing";
    else (await rooms()).begin(current.contact, false);
  } catch {
    if (door.step === "stale") return;
    door.step = "unreachable";
    setTimeout(() => {
      if (door.step === "unreachable") void arrive();
    }, RETRY_MS);
  }
}

/** Stay with the line that was chosen, as long as it is there. */
function show(lines: readonly Line[]): void {
  door.lines = lines;
  if (lines.some((line) => line.id === door.line)) return;
  door.line = lines.find((line) => line.admits)?.id ?? lines[0]?.id ?? "";
}

/** Keep the opening hours fresh while somebody hesitates at the door. */
export async function refreshLines(): Promise<void> {
  try {
    show(await getLines());
  } catch {
    // The next look will tell; what is shown was true a moment ago.
  }
}

/** Open a contact; `agreed` tells whether the promise was read and accepted. */
export async function start(agreed: boolean): Promise<void> {
  if (door.busy) return;
  door.busy = true;
  door.failed = false;
  try {
    const { begin, consent } = await rooms();
    const voice = door.medium === "voice" && speaksNow(door.lines.find((line) => line.id === door.line), Date.now());
    const { contact } = await openContact(door.line, language.value, voice ? "voice" : "text");
    begin(contact, true);
    if (agreed) consent();
  } catch {
    door.failed = true;
  } finally {
    door.busy = false;
  }
}

/** Back to the door; `gone` where the contact was over without the person's doing. */
export function toDoor(gone: boolean): void {
  Object.assign(door, { step: "landing", gone, filled: false, news: false });
  void refreshLines();
}

/** What must be closed when the page is left in a hurry; a contact puts its own hand here. */
export const closing: { now: () => void } = { now: () => undefined };
