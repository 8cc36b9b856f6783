/** The visitor's side of a call: the microphone, the wish to talk, the leg, and whether it may be recorded. */
import { computed, shallowReactive, watch } from "vue";
import { carries, NO_CALL, VISITOR_LEG } from "../shared/call";
import { browserCall, mayListen } from "../shared/call-browser";
import { canTalk } from "../shared/call-able";
import { holdCalls } from "../shared/call-lock";
import { openMicrophone, type Microphone, type MicrophoneState } from "../shared/call-microphone";
import { language } from "../shared/i18n";
import { askSession, give } from "./link";
import { visit } from "./visit";
import { closing } from "./door";
import { getRecording } from "./entry";
import { RECORDING_HASH, RECORDING_VERSION } from "./recording";

interface VoiceState {
  microphone: MicrophoneState;
  /** Loudness while the microphone is tried, 0..1. */
  level: number;
  /** Chose to write although the contact began as a call. */
  writes: boolean;
  /** Another tab of this person is the one that talks. */
  elsewhere: boolean;
  /** The policy of this line wants to record, and asks for the words this page has. */
  asks: boolean;
}

export const voice = shallowReactive<VoiceState>({ microphone: canTalk() ? "off" : "unsupported", level: 0, writes: false, elsewhere: true, asks: false });
export const { client, status } = browserCall((command) => askSession(command));

const TRY_MS = 100;
let microphone: Microphone | null = null;
let trying: ReturnType<typeof setInterval> | undefined;

/** Open the microphone and show that it hears. */
export async function listen(): Promise<boolean> {
  microphone ??= await openMicrophone((state) => (voice.microphone = state));
  if (!microphone) return false;
  voice.microphone = "open";
  client.speakWith(microphone);
  client.unblock();
  trying ??= setInterval(() => (voice.level = microphone?.level() ?? 0), TRY_MS);
  return true;
}

/** Give the microphone back. */
export function hush(): void {
  clearInterval(trying);
  trying = undefined;
  if (!microphone) return;
  client.speakWith(null);
  microphone = null;
  voice.microphone = "off";
  voice.level = 0;
}

const session = () => `session.${visit.contact}`;

/** Ask the counselor to talk. */
export function ask(): void {
  visit.asksToTalk = visit.noVoice = voice.writes = false;
  give(session(), { type: "call.request" });
}

/** Say yes; without a microphone one still hears, and can write. */
export async function pickUp(): Promise<void> {
  voice.writes = false;
  give(session(), { type: "call.accept" });
  await listen();
}

export function decline(): void {
  give(session(), { type: "call.decline" });
}

export function hangUp(): void {
  give(session(), { type: "call.end" });
  hush();
}

/** Write instead: the microphone goes off, the place in line stays. */
export function write(): void {
  voice.writes = true;
  visit.asksToTalk = false;
  hush();
}

/** The person's word on recording, as an event of their record; either way help goes on. */
export function agree(yes: boolean): void {
  const said = language.value;
  const shown = { version: RECORDING_VERSION, text_hash: RECORDING_HASH[said], language: said };
  if (yes) give(`record.${visit.contact}`, { type: "consent.give", purpose: "recording", channel: "page", ...shown });
  else give(`record.${visit.contact}`, { type: "consent.withdraw", purpose: "recording" });
}

export function pause(on: boolean): void {
  give(session(), { type: "call.pause", on });
}

/** Keep the leg where the call is, for as long as the page shows the contact; returns how to stop. */
export function attend(): () => void {
  const before = closing.now;
  closing.now = () => {
    before();
    hush();
    client.stop();
  };
  void getRecording(visit.session.line).then((asked) => (voice.asks = asked[language.value] === RECORDING_HASH[language.value]));
  // Whoever cannot be heard says so, so that nobody wonders.
  const off = computed(() => visit.call.phase === "live" && (status.muted || voice.microphone !== "open"));
  const telling = watch([off, () => visit.call.phase], () => {
    if (!voice.elsewhere && visit.call.phase === "live" && visit.call.muted.includes(VISITOR_LEG) !== off.value) give(session(), { type: "call.mute", on: off.value });
  });
  const letGo = holdCalls(`calls.${visit.contact}`, (mine) => (voice.elsewhere = !mine));
  const stop = watch(
    [() => visit.call, () => voice.elsewhere] as const,
    ([call], before) => {
      client.follow(call, VISITOR_LEG, !voice.elsewhere);
      if (voice.elsewhere) return;
      // Chose to write while waiting: the call that comes with the counselor is let go at once.
      if (voice.writes && carries(call)) return hangUp();
      // A talk that is under way after a reload: speak again at once where the browser needs no question.
      if (carries(call) && microphone === null && voice.microphone === "off") void mayListen().then((may) => may && listen());
      // Over, declined or unanswered: nobody listens any more, and the browser shows it.
      if (call.phase === "none" && (before[0] ?? NO_CALL).phase !== "none") hush();
    },
    { immediate: true },
  );
  const none = watch(
    () => visit.noVoice,
    (now) => now && hush(),
  );
  return () => {
    stop();
    none();
    letGo();
    voice.elsewhere = true;
    telling();
    closing.now = before;
    hush();
    client.stop();
  };
}
