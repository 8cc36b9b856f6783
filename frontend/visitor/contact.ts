/** The contact as this page knows it: the folds of its feeds, words on their way, and the link. */
import { computed, shallowReactive } from "vue";
import { visitorLink } from "../shared/browser";
import { NO_CALL, reduceCall, type CallView } from "../shared/call";
import { language, speak } from "../shared/i18n";
import { Close } from "../shared/protocol";
import type { AnyCommand, CaseEvent, Field, GiveReach, Happened, Hinted, Place, RecordEvent, SessionEvent, SubmitIntake } from "../shared/protocol";
import { Unanswered, type Answer } from "../shared/questions";
import { EMPTY_CASE, EMPTY_PENDING, EMPTY_SESSION, reduceCase, reducePending, reduceSession } from "../shared/reduce";
import type { CaseView, Pending, PendingNews, SessionView } from "../shared/reduce";
import type { Parcel } from "../shared/outbox";
import type { Link, LinkState } from "../shared/socket";
import { REFERRAL_HASH, REFERRAL_VERSION } from "../shared/referral-text";
import { sideOf } from "../shared/transcript";
import { closing, door, toDoor } from "./door";
import { forgetContact, getCurrent } from "./entry";
import { PROMISE_HASH, PROMISE_VERSION } from "./promise";

interface Visit {
  contact: string;
  session: SessionView;
  dossier: CaseView;
  call: CallView;
  /** What was said about recording; null while it was not asked. */
  recording: "yes" | "no" | null;
  /** The person is about to ask for a call: the microphone is tried first. */
  asksToTalk: boolean;
  /** The house has no voice at the moment. */
  noVoice: boolean;
  pending: readonly Pending[];
  place: Place | null;
  link: LinkState;
  typingUntil: number;
  /** The person is at the questions; they stay until the person is done with them. */
  answering: boolean;
  /** The first events have come in: until then nothing is shown that the next moment would take back. */
  settled: boolean;
  /** Opened on this page, not found by its cookie after a reload. */
  begunHere: boolean;
  draft: string;
}

const NEW: Visit = {
  contact: "",
  session: EMPTY_SESSION,
  dossier: EMPTY_CASE,
  call: NO_CALL,
  recording: null,
  asksToTalk: false,
  noVoice: false,
  pending: EMPTY_PENDING,
  place: null,
  link: "idle",
  typingUntil: 0,
  answering: false,
  settled: false,
  begunHere: false,
  draft: "",
};

export const visit = shallowReactive<Visit>({ ...NEW });

/** What the person should see of the contact now. */
export const scene = computed<"opening" | "intake" | "talk" | "ended">(() => {
  const { phase } = visit.session;
  if (!visit.settled) return "opening";
  if (phase === "ended" || phase === "abandoned" || phase === "closed") return "ended";
  return visit.answering ? "intake" : "talk";
});

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
let told = { seq: 0, answered: false, consents: 0 };

const sessionFeed = () => `session.${visit.contact}`;

/** Follow a contact from its first event on. */
export function begin(contact: string, begunHere: boolean): void {
  link?.stop();
  Object.assign(visit, { ...NEW, contact, begunHere });
  failures = 0;
  told = { seq: 0, answered: false, consents: 0 };
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

/** One key: somebody must come now. */
export function helpNow(): void {
  give(`case.${visit.contact}`, { type: "help.now" });
}

/** Yes to these fields: told to the record, with the words that were read, and to the case. */
export function agreeReferral(referral: number, fields: readonly Field[]): void {
  const said = language.value;
  const shown = { version: REFERRAL_VERSION, text_hash: REFERRAL_HASH[said], language: said };
  give(`record.${visit.contact}`, { type: "consent.give", purpose: "referral", channel: "page", ...shown });
  give(`case.${visit.contact}`, { type: "referral.consent", referral, fields });
}

export function refuseReferral(referral: number): void {
  give(`case.${visit.contact}`, { type: "referral.refuse", referral });
}

/** May the partner come into the talk? */
export function welcomePartner(referral: number, yes: boolean): void {
  give(`case.${visit.contact}`, { type: "referral.welcome", referral, yes });
}

/** How this person may be reached later; `none` takes it back. */
export function giveReach(reach: Omit<GiveReach, "type">): void {
  give(`case.${visit.contact}`, { type: "reach.give", ...reach });
}

export function bookVisit(partner: string, starts_at: string): void {
  give(`case.${visit.contact}`, { type: "appointment.book", partner, starts_at });
}

export function cancelVisit(): void {
  give(`case.${visit.contact}`, { type: "appointment.cancel" });
}

function leave(gone: boolean): void {
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

function news(piece: PendingNews): void {
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

// --- what the person does ---------------------------------------------------------------------------

export function give(to: string, command: AnyCommand): string {
  return link?.send(to, command) ?? "";
}

/** Ask the session for what is answered at once and never kept. */
export function askSession(command: AnyCommand): Promise<Answer> {
  return link?.ask(sessionFeed(), command) ?? Promise.reject(new Unanswered("offline"));
}

export function say(text: string): void {
  const base = link?.at(sessionFeed()) ?? 0;
  const id = give(sessionFeed(), { type: "message.post", text });
  news({ type: "written", id, text, base });
}

export function sayAgain(id: string): void {
  const failed = visit.pending.find((each) => each.id === id);
  letGo(id);
  if (failed) say(failed.text);
}

export function letGo(id: string): void {
  news({ type: "discarded", id });
}

export function typing(on: boolean): void {
  link?.hint(sessionFeed(), { type: "typing", on });
}

/** Words up to `seq` have been on the screen. */
export function seen(seq: number): void {
  if (seq > Math.max(told.seq, visit.session.receipts.visitor.read)) {
    told.seq = seq;
    give(sessionFeed(), { type: "receipt.mark", delivered: seq, read: seq });
  }
}

/** Send the answers; what was skipped is left out. */
export function answer(form: Omit<SubmitIntake, "type">): void {
  told.answered = true;
  give(`case.${visit.contact}`, { type: "intake.submit", ...form });
}

/** Leave the questions for the conversation. */
export function proceed(): void {
  visit.answering = false;
}

export function askAgain(): void {
  visit.answering = true;
}

/** Rather a call than the screen; the number is kept sealed, for whoever calls. */
export function askCallback(telephone: string, not_before: string | null, until: string | null): void {
  give(`case.${visit.contact}`, { type: "callback.ask", telephone, not_before, until });
}

export function cancelCallback(): void {
  give(`case.${visit.contact}`, { type: "callback.cancel" });
}

/** The hours may have begun: take a place in the queue. */
export function askPlace(): void {
  give(sessionFeed(), { type: "contact.ask" });
}

export function end(): void {
  give(sessionFeed(), { type: "session.end" });
}

/** Give the cookie back and go to the door. */
export async function clear(): Promise<void> {
  await forgetContact();
  leave(false);
}
