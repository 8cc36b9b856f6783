/**
 * One leg: this page's connection to the media worker. Two receiving lanes, `main` and `aux`; one microphone line whose
 * track may come, go and be muted without a new offer. Offers leave at once, since the worker learns our address itself.
 */
import { numbersOf, type Numbers, type Report } from "./call-stats";

export type Lane = "main" | "aux";
export const LANES: readonly Lane[] = ["main", "aux"];

/** What is used of an RTCPeerConnection; tests hand in their own. */
export interface Peer {
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null;
  ontrack: ((event: RTCTrackEvent) => void) | null;
  addTransceiver(kind: "audio", init: { direction: RTCRtpTransceiverDirection }): { readonly mid: string | null; readonly sender: Sender; readonly receiver: { readonly track: MediaStreamTrack } };
  createOffer(options?: { iceRestart?: boolean }): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(offer: RTCSessionDescriptionInit): Promise<void>;
  setRemoteDescription(answer: RTCSessionDescriptionInit): Promise<void>;
  getStats(): Promise<{ forEach(run: (report: Report) => void): void }>;
  close(): void;
}
interface Sender {
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
}

export interface Wires {
  /** A fresh connection; it may first have to ask the house for relays. */
  make(): Promise<Peer>;
  /** Carry our offer to the house and bring back the answer; rejects where there is none for now. */
  exchange(offer: string): Promise<string>;
  /** A lane has a track now, another than before. */
  heard(lane: Lane, track: MediaStreamTrack): void;
}

export class Leg {
  private peer: Peer | null = null;
  private sender: Sender | null = null;
  private voice: MediaStreamTrack | null = null;
  /** The worker's certificate on this connection: another one is another worker. */
  private proof = "";
  /** An offer is on its way; another wish waits for it. */
  private busy = false;
  private wish: "restart" | "renew" | null = null;
  /** Grows with each connection, so that late answers for an old one are not heard. */
  private generation = 0;
  private alive = false;

  constructor(private readonly wires: Wires) {}

  get open(): boolean {
    return this.alive;
  }

  /** What goes into the microphone line; null says nothing. */
  speak(track: MediaStreamTrack | null): void {
    this.voice = track;
    void this.sender?.replaceTrack(track).catch(() => undefined); // A connection that has just been closed.
  }

  /** Connect, or connect anew; the promise is over when the answer stands (or none came). */
  async renew(): Promise<boolean> {
    if (this.busy) {
      this.wish = "renew";
      return false;
    }
    this.shut();
    const mine = this.generation;
    this.alive = this.busy = true;
    const peer = await this.wires.make();
    if (mine !== this.generation) {
      peer.close();
      return false;
    }
    this.peer = peer;
    // The order is the lanes' order: the worker answers the first line as main, the second as aux.
    const lines = { main: peer.addTransceiver("audio", { direction: "sendrecv" }), aux: peer.addTransceiver("audio", { direction: "recvonly" }) };
    this.sender = lines.main.sender;
    peer.ontrack = ({ track, transceiver }) => {
      const lane = LANES.find((each) => lines[each].mid !== null && lines[each].mid === transceiver.mid);
      if (lane && peer === this.peer) this.wires.heard(lane, track);
    };
    if (this.voice) await lines.main.sender.replaceTrack(this.voice).catch(() => undefined);
    return this.negotiate(peer, false);
  }

  /** New addresses and checks for the same connection. */
  async restart(): Promise<boolean> {
    if (this.busy) {
      this.wish ??= "restart";
      return false;
    }
    return this.peer ? this.negotiate(this.peer, true) : this.renew();
  }

  /** Numbers of the moment, null without a connection. */
  async look(now: number): Promise<Numbers | null> {
    const peer = this.peer;
    if (!peer) return null;
    const reports: Report[] = [];
    (await peer.getStats()).forEach((report) => reports.push(report));
    return peer === this.peer ? numbersOf(reports, now, peer.connectionState) : null;
  }

  close(): void {
    this.shut();
    this.wish = null;
  }

  private shut(): void {
    const old = this.peer;
    this.generation += 1;
    this.peer = this.sender = null;
    this.proof = "";
    this.alive = this.busy = false;
    if (!old) return;
    old.ontrack = null;
    old.close();
  }

  private async negotiate(peer: Peer, iceRestart: boolean): Promise<boolean> {
    this.busy = true;
    let done = false;
    try {
      await peer.setLocalDescription(await peer.createOffer({ iceRestart }));
      const answer = await this.wires.exchange(peer.localDescription?.sdp ?? "");
      if (peer !== this.peer) return false;
      const proof = fingerprint(answer);
      if (this.proof !== "" && proof !== this.proof) this.wish = "renew";
      else {
        await peer.setRemoteDescription({ type: "answer", sdp: answer });
        this.proof = proof;
        done = true;
      }
    } catch {
      // No answer: the watchdog tries again, more and more slowly.
    }
    if (peer !== this.peer) return false;
    this.busy = false;
    const wish = this.wish;
    this.wish = null;
    if (wish === "renew") return this.renew();
    return wish === "restart" ? this.restart() : done;
  }
}

/** The certificate an answer names. */
export function fingerprint(sdp: string): string {
  return /^a=fingerprint:(.+?)\r?$/m.exec(sdp)?.[1] ?? "";
}
