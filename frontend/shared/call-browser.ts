/** What a browser hands to CallClient. */
import { shallowReactive } from "vue";
import { CallClient, SILENT, type CallStatus } from "./call-client";
import { Ears } from "./call-ears";
import type { Peer } from "./call-leg";

/** A call client of this browser, and its status as pages read it. `ice` names relays, where the house has any. */
export function browserCall(exchange: (call: string, offer: string) => Promise<string>, ice: () => RTCIceServer[] = () => []): { client: CallClient; status: CallStatus } {
  const status = shallowReactive<CallStatus>({ ...SILENT });
  const client = new CallClient({
    // Never without iceServers: some browsers would ask a public server then.
    make: () => new RTCPeerConnection({ iceServers: ice(), bundlePolicy: "max-bundle" }) as unknown as Peer,
    speakers: new Ears(),
    exchange,
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
