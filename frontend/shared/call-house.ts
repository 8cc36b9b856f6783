/** What a leg asks of the house: relays before a connection, an answer to an offer; patient while a worker is looked for. */
import { Unanswered, type Answer } from "./questions";
import type { AnyCommand } from "./protocol";

export type Ask = (command: AnyCommand) => Promise<Answer>;

const PATIENT_MS = 8_000;

/** The relays of the moment; none is fine, the worker is reached directly then. */
export async function relaysFor(ask: Ask, call: string): Promise<RTCIceServer[]> {
  try {
    const plan = await ask({ type: "call.prepare", call });
    return "ice_servers" in plan ? plan.ice_servers.map((relay) => ({ ...relay, urls: [...relay.urls] })) : [];
  } catch {
    return [];
  }
}

/** The answer to an offer; the same offer again where the house asks for time, an exception where it says no. */
export async function answerTo(ask: Ask, call: string, sdp: string, after: (ms: number) => Promise<void>, now: () => number): Promise<string> {
  const until = now() + PATIENT_MS;
  for (;;) {
    try {
      const answer = await ask({ type: "call.offer", call, sdp });
      if ("sdp" in answer) return answer.sdp;
      throw new Unanswered("malformed");
    } catch (fault) {
      const wait = fault instanceof Unanswered ? fault.retryMs : null;
      if (wait === null || now() + wait > until) throw fault;
      await after(wait);
    }
  }
}
