/** What a browser hands to CallClient. */
import { shallowReactive } from "vue";
import { CallClient, SILENT, type CallStatus } from "./call-client";
import { Ears } from "./call-ears";
import { answerTo, relaysFor, type Ask } from "./call-house";
import type { Peer } from "./call-leg";

const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** A call client of this browser, and its status as pages read it; `ask` speaks to the session of the moment. */
export function browserCall(ask: Ask): { client: CallClient; status: CallStatus } {
  const status = shallowReactive<CallStatus>({ ...SILENT });
  const client = new CallClient({
    async make(call) {
      const iceServers = await relaysFor(ask, call);
      return new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" }) as unknown as Peer;
    },
    speakers: new Ears(),
    exchange: (call, offer) => answerTo(ask, call, offer, later, Date.now),
    now: () => Date.now(),
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    changed: (now) => Object.assign(status, now),
  });
  return { client, status };
}

/** True where the microphone was allowed before, so that opening it asks nobody. */
export async function mayListen(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "microphone" as PermissionName })).state === "granted";
  } catch {
    return false; // A browser that cannot say: the person is asked by a button instead.
  }
}
