/** The link to the contact: what comes in is folded into `visit`, what the person says goes out. */
import { visitorLink } from "../shared/browser";
import { NO_CALL, reduceCall } from "../shared/call";
import { language, speak } from "../shared/i18n";
import { Close } from "../shared/protocol";
import type { AnyCommand, CaseEvent, Happened, Hinted, RecordEvent, SessionEvent, Typing } from "../shared/protocol";
import { Unanswered, type Answer } from "../shared/questions";
import { EMPTY_CASE, EMPTY_SESSION, reduceCase, reducePending, reduceSession } from "../shared/reduce";
import type { PendingNews } from "../shared/reduce";
import type { Parcel } from "../shared/outbox";
import type { Link, LinkState } from "../shared/socket";
import { sideOf } from "../shared/transcript";
import { closing, door, toDoor } from "./door";
import { getCurrent } from "./entry";
import { PROMISE_HASH, PROMISE_VERSION } from "./promise";
import { NEW, sessionFeed, visit } from "./visit";

const TYPING_SHOWN_MS = 6_000;
const SETTLE_MS = 120;
const CONSENT_TRIES = 5;
const CONSENT_RETRY_MS = 2_000;
const RETRY_MS = 15_000;
/** After so many failed attempts, ask over HTTP whether the contact still exists. */
const DOUBT_AFTER = 4;

let link: Link | null = null;
let failures = 0;
let settling: ReturnType<typeof setTimeout> | undefined;
/** What this page has already told the house about this contact. */
export const told = { seq: 0, answered: false, consents: 0 };

/** Follow a contact from its first event on. */
export function begin(contact: string, begunHere: boolean): void {
  link?.stop();
  Object.assign(visit, { ...NEW, contact, begunHere });
  failures = 0;
  Object.assign(told, { seq: 0, answered: false, consents: 0 });
  door.step = "contact";
  closing.now = () => link?.stop();
  link = visitorLink("/ws/contact/", { state, event, hinted, ack, refused });
  link.start();
}

/** Tell the record which promise was read and accepted. */
export function consent(): void {
  told.consents += 1;
  const said = language.value;
  const shown = { version: PROMISE_VERSION, text_hash: PROMISE_HASH[said], language: said };
  give(`record.${visit.contact}`, { type: "consent.give", purpose: "storage", channel: "page", ...shown });
}

// --- what goes out ----------------------------------------------------------------------------------

export function give(to: string, command: AnyCommand): string {
  return link?.send(to, command) ?? "";
}

/** Ask the session for what is answered at once and never kept. */
export function askSession(command: AnyCommand): Promise<Answer> {
  return link?.ask(sessionFeed(), command) ?? Promise.reject(new Unanswered("offline"));
}

/** Say something that may be lost. */
export function tell(hint: Typing): void {
  link?.hint(sessionFeed(), hint);
}

/** The last event of the talk this page has. */
export function reached(): number {
  return link?.at(sessionFeed()) ?? 0;
}

/** Let go of the contact and go to the door. */
export function leave(gone: boolean): void {
  link?.stop();
  link = null;
  toDoor(gone);
}

// --- news from the link ---------------------------------------------------------------------------

function state(now: LinkState, code: number | null): void {
  visit.link = now;
  if (now === "online") failures = 0;
  if (now === "offline" && (failures += 1) % DOUBT_AFTER === 0) void doubt();
  if (now !== "stopped" || code === null) return;
  if (code === Close.MALFORMED) door.step = "stale";
  else void doubt();
}

/** Is there still a contact? If not, back to the door; if nobody answers, the link goes on trying. */
async function doubt(): Promise<void> {
  try {
    const current = await getCurrent();
    if (current?.contact !== visit.contact) leave(true);
    else if (link?.state === "stopped") setTimeout(() => link?.start(), RETRY_MS);
  } catch {
    if (link?.state === "stopped") setTimeout(() => void doubt(), RETRY_MS);
  }
}

export function news(piece: PendingNews): void {
  visit.pending = reducePending(visit.pending, piece);
}

function event(frame: Happened, reset: boolean): void {
  const { seq, at, by } = frame;
  if (!visit.settled) {
    clearTimeout(settling);
    settling = setTimeout(() => (visit.settled = visit.session.opened_at !== null), SETTLE_MS);
  }
  if (frame.feed === sessionFeed()) {
    const said = frame.event as SessionEvent;
    visit.session = reduceSession(reset ? EMPTY_SESSION : visit.session, { seq, at, by, event: said });
    visit.call = reduceCall(reset ? NO_CALL : visit.call, said);
    heard(said, frame);
  } else if (frame.feed === `case.${visit.contact}`) {
    const said = frame.event as CaseEvent;
    visit.dossier = reduceCase(reset ? EMPTY_CASE : visit.dossier, { seq, at, by, event: said });
    // Answered before a reload, or on another page; what this page sent itself, it leaves when the person is ready.
    if (said.type === "intake.submitted" && !told.answered) visit.answering = false;
  } else if (frame.feed === `record.${visit.contact}`) agreed(frame.event as RecordEvent);
}

function agreed(said: RecordEvent): void {
  if (said.type === "consent.given" && said.purpose === "recording") visit.recording = "yes";
  if (said.type === "consent.withdrawn" && said.purpose === "recording") visit.recording = "no";
}

function heard(said: SessionEvent, frame: Happened): void {
  if (said.type === "contact.opened") {
    door.line = said.line;
    // A reload in the middle of the questions: nothing was sent, so they are asked again.
    visit.answering = !told.answered;
    speak(said.language);
  }
  if (said.type === "counselor.joined") visit.place = null;
  // History of a talk that is under way: nobody is asked questions in the middle of it.
  if (said.type === "counselor.joined" && !visit.begunHere) visit.answering = false;
  if (said.type !== "message.posted") return;
  if (sideOf(frame.by.role) === "visitor") news({ type: "arrived", seq: frame.seq, text: said.text });
  else visit.typingUntil = 0;
}

function hinted(frame: Hinted): void {
  if (frame.hint.type === "place") visit.place = frame.hint;
  else if (frame.hint.type === "typing" && frame.feed === sessionFeed()) visit.typingUntil = frame.hint.on === false ? 0 : Date.now() + TYPING_SHOWN_MS;
}

function ack(parcel: Parcel, seq: number): void {
  news({ type: "acked", id: parcel.id, seq, at: link?.at(parcel.to) ?? 0 });
}

function refused(parcel: Parcel | null, code: string, retrying: boolean): void {
  if (!parcel || retrying) return;
  if (parcel.command.type === "call.request") visit.noVoice = true;
  news({ type: "refused", id: parcel.id, code });
  // The record beside a contact may open a moment later than the contact.
  const early = parcel.command.type === "consent.give" && (code === "not_open" || code === "unknown_feed");
  if (early && told.consents < CONSENT_TRIES) setTimeout(consent, CONSENT_RETRY_MS);
}
