/** The console's side of calls: one leg at a time, a microphone only while somebody may hear it. */
import { computed, ref, shallowReactive, watch } from "vue";
import { carries, legOf, NO_CALL, type CallView } from "../shared/call";
import { holdCalls } from "../shared/call-lock";
import { browserCall } from "../shared/call-browser";
import { canTalk } from "../shared/call-able";
import { openMicrophone, type Microphone, type MicrophoneState } from "../shared/call-microphone";
import type { Duty } from "./duty";

/** How somebody of the staff is in a call: in charge, talking as a third, or attending in some way. */
export type Part = "owner" | "talks" | "monitor" | "whisper" | "barge";

/** What part this person has in a call; null for none. */
export function partIn(call: CallView, you: string): Part | null {
  if (!carries(call) || you === "") return null;
  if (call.counselor === you) return "owner";
  const guest = call.guests[you];
  return guest ? (guest.attending ?? "talks") : null;
}

/** Follow the calls of a duty; `stop` hangs up this end. */
export function voiceOf(duty: Duty) {
  const { state } = duty;
  const microphone = shallowReactive<{ state: MicrophoneState }>({ state: canTalk() ? "off" : "unsupported" });
  let open: Microphone | null = null;
  /** This tab is the one that talks; another of the same person would take its connection away. */
  const here = ref(false);
  let letGo: () => void = () => undefined;

  /** The contact in whose call this person is. */
  const at = computed(() => Object.values(state.contacts).find((each) => partIn(each.call, state.you) !== null) ?? null);
  const call = computed(() => at.value?.call ?? NO_CALL);
  const part = computed(() => partIn(call.value, state.you));
  const speaks = computed(() => here.value && part.value !== null && part.value !== "monitor");
  const { client, status } = browserCall((command) => duty.question(at.value?.id ?? "", command));

  /** Turn the microphone on; called by itself when a call begins, and again by a button after a refusal. */
  async function listen(): Promise<void> {
    open ??= await openMicrophone((now) => (microphone.state = now));
    if (!open) return;
    if (!speaks.value) return hush();
    client.speakWith(open);
    client.unblock();
  }

  function hush(): void {
    client.speakWith(null);
    open?.close();
    open = null;
    if (microphone.state === "open") microphone.state = "off";
  }

  // Whoever should be heard and cannot says so, so that nobody wonders.
  const off = computed(() => speaks.value && call.value.phase === "live" && (status.muted || microphone.state !== "open"));
  function tellMuted(): void {
    const known = call.value.muted.includes(legOf(state.you));
    if (at.value && speaks.value && call.value.phase === "live" && known !== off.value) duty.call(at.value.id, { type: "call.mute", on: off.value });
  }

  const stops = [
    watch([off, () => call.value.phase], tellMuted),
    watch(
      () => state.you,
      (you) => {
        letGo();
        here.value = false;
        if (you) letGo = holdCalls(`calls.${you}`, (mine) => (here.value = mine));
      },
      { immediate: true },
    ),
    watch([call, here], ([now]) => client.follow(now, legOf(state.you), here.value && part.value !== null), { immediate: true }),
    watch(speaks, (now) => void (now ? listen() : hush()), { immediate: true }),
  ];
  function stop(): void {
    stops.forEach((each) => each());
    letGo();
    hush();
    client.stop();
  }
  return { at, here, part, client, status, microphone, listen, stop };
}

export type ConsoleVoice = ReturnType<typeof voiceOf>;
