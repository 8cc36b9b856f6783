/** A person in a call, with a browser that is not there: offers, restarts, another worker, muting, hanging up. */
import { beforeEach, describe, expect, it } from "vitest";
import { NO_CALL, reduceCall, type CallEvent, type CallView } from "../shared/call";
import { CallClient, type CallStatus, type Speakers, type Voice } from "../shared/call-client";
import { fingerprint, Leg, type Peer } from "../shared/call-leg";
import type { Report } from "../shared/call-stats";

const at = "2026-11-22T00:00:00Z";
const LIVE = (
  [
    { type: "call.accepted", call: "c1.1", counselor: "chen", grade: "counselor", at },
    { type: "call.placed", call: "c1.1", at },
    { type: "call.leg_connected", call: "c1.1", leg: "visitor", of: "visitor" },
    { type: "call.leg_connected", call: "c1.1", leg: "staff.chen", of: "counselor" },
    { type: "call.started", call: "c1.1", at },
  ] as const satisfies readonly CallEvent[]
).reduce<CallView>((view, event) => reduceCall(view, event), NO_CALL);

const settle = () => new Promise((done) => setTimeout(done, 0));

class FakePeer implements Peer {
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  ontrack: Peer["ontrack"] = null;
  closed = false;
  restarts = 0;
  packets = 0;
  readonly lines: { mid: string | null; direction: string; said: unknown[] }[] = [];

  addTransceiver(_kind: "audio", { direction }: { direction: RTCRtpTransceiverDirection }) {
    const line = { mid: String(this.lines.length), direction, said: [] as unknown[] };
    this.lines.push(line);
    const sender = { replaceTrack: async (track: unknown) => void line.said.push(track) };
    return { mid: line.mid, sender, receiver: { track: {} as MediaStreamTrack } };
  }
  async createOffer(options?: { iceRestart?: boolean }) {
    if (options?.iceRestart) this.restarts += 1;
    return { type: "offer" as const, sdp: `offer ${this.restarts}` };
  }
  async setLocalDescription(offer: RTCSessionDescriptionInit) {
    this.localDescription = { sdp: offer.sdp ?? "" };
  }
  async setRemoteDescription() {
    this.connectionState = "connected";
    for (const [n, line] of this.lines.entries()) {
      this.ontrack?.({ track: { id: `t${n}` }, transceiver: { mid: line.mid } } as unknown as RTCTrackEvent);
    }
  }
  async getStats() {
    const reports: Report[] = [{ type: "inbound-rtp", kind: "audio", packetsReceived: this.packets, trackIdentifier: "t0", audioLevel: 0.1 }];
    return { forEach: (run: (report: Report) => void) => reports.forEach(run) };
  }
  close() {
    this.closed = true;
    this.connectionState = "closed";
  }
}

class FakeVoice implements Voice {
  track = { id: "microphone" } as MediaStreamTrack;
  muted = false;
  closed = false;
  level() {
    return 0.8;
  }
  close() {
    this.closed = true;
  }
}

/** A client, its made-up browser, and time that passes only when told. */
class Stage {
  readonly peers: FakePeer[] = [];
  readonly offers: string[] = [];
  readonly heard: string[] = [];
  status!: CallStatus;
  worker = "A";
  silentHouse = false;
  now = 0;
  private tick: (() => void) | null = null;
  private readonly speakers: Speakers & { blocked: boolean } = {
    blocked: false,
    take: (lane, track) => void this.heard.push(`${lane} ${track.id}`),
    trackOf: (lane) => (lane === "main" ? "t0" : "t1"),
    unblock: () => void (this.speakers.blocked = false),
    close: () => void this.heard.push("closed"),
  };
  readonly client = new CallClient({
    make: async () => {
      const peer = new FakePeer();
      this.peers.push(peer);
      return peer;
    },
    speakers: this.speakers,
    exchange: async (call, offer) => {
      this.offers.push(`${call} ${offer}`);
      if (this.silentHouse) throw new Error("unavailable");
      return `v=0\r\na=fingerprint:sha-256 ${this.worker}\r\n`;
    },
    now: () => this.now,
    every: (_ms, run) => {
      this.tick = run;
      return () => (this.tick = null);
    },
    changed: (status) => (this.status = status),
  });

  get peer(): FakePeer {
    return this.peers[this.peers.length - 1]!;
  }

  async pass(ms: number, sound = true): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 200;
      if (sound) this.peer.packets += 10;
      this.tick?.();
      await settle();
    }
  }
}

describe("a person in a call", () => {
  let stage: Stage;
  beforeEach(() => (stage = new Stage()));

  it("offers a microphone line and a second lane, and hears both", async () => {
    stage.client.follow(LIVE, "visitor", true);
    await settle();
    expect(stage.peer.lines.map((line) => line.direction)).toEqual(["sendrecv", "recvonly"]);
    expect(stage.offers).toEqual(["c1.1 offer 0"]);
    expect(stage.heard).toEqual(["main t0", "aux t1"]);
    await stage.pass(600);
    expect(stage.status).toMatchObject({ path: "on", muted: false });
    expect(stage.status.lanes.main).toBeGreaterThan(0.5);
  });

  it("has no leg where the call has no place for it", async () => {
    stage.client.follow(LIVE, "visitor", false);
    stage.client.follow(NO_CALL, "visitor", true);
    expect(stage.peers).toEqual([]);
  });

  it("restarts ICE when the path falls silent and is on again with the next packet", async () => {
    stage.client.follow(LIVE, "visitor", true);
    await stage.pass(1_000);
    await stage.pass(800, false);
    expect(stage.peer.restarts).toBe(1);
    expect(stage.status.path).toBe("lost");
    await stage.pass(400);
    expect(stage.status.path).toBe("on");
    expect(stage.peers.length).toBe(1);
  });

  it("makes a new connection when the answer to a restart comes from another worker", async () => {
    stage.client.follow(LIVE, "visitor", true);
    await stage.pass(1_000);
    stage.worker = "B";
    await stage.pass(800, false);
    await settle();
    expect(stage.peers.length).toBe(2);
    expect(stage.peers[0]!.closed).toBe(true);
    await stage.pass(400);
    expect(stage.status.path).toBe("on");
  });

  it("offers anew when the call was put on another worker", async () => {
    stage.client.follow(LIVE, "visitor", true);
    await stage.pass(400);
    stage.client.follow(reduceCall(LIVE, { type: "call.placed", call: "c1.1", at }), "visitor", true);
    await settle();
    expect(stage.peers.length).toBe(2);
  });

  it("goes on trying while the house does not answer", async () => {
    stage.silentHouse = true;
    stage.client.follow(LIVE, "visitor", true);
    await stage.pass(12_000, false);
    expect(stage.offers.length).toBeGreaterThanOrEqual(2);
    expect(stage.status.path).toBe("connecting");
    stage.silentHouse = false;
    await stage.pass(9_000);
    expect(stage.status.path).toBe("on");
  });

  it("mutes the voice it has and the one it gets later, and shows a still needle", async () => {
    const voice = new FakeVoice();
    stage.client.follow(LIVE, "visitor", true);
    stage.client.mute(true);
    stage.client.speakWith(voice);
    expect(voice.muted).toBe(true);
    await stage.pass(400);
    expect(stage.status.mine).toBe(0);
    stage.client.mute(false);
    await stage.pass(400);
    expect(stage.status.mine).toBeGreaterThan(0.5);
  });

  it("puts the microphone on the line without a new offer, and takes it off again", async () => {
    stage.client.follow(LIVE, "staff.zhao", true);
    await settle();
    const voice = new FakeVoice();
    stage.client.speakWith(voice);
    stage.client.speakWith(null);
    expect(stage.peer.lines[0]!.said).toEqual([voice.track, null]);
    expect(stage.offers.length).toBe(1);
    expect(voice.closed).toBe(true);
  });

  it("hangs up when the call is over, and keeps the microphone until told", async () => {
    const voice = new FakeVoice();
    stage.client.speakWith(voice);
    stage.client.follow(LIVE, "visitor", true);
    await stage.pass(400);
    stage.client.follow(reduceCall(LIVE, { type: "call.ended", call: "c1.1", reason: "counselor", at }), "visitor", true);
    expect(stage.peer.closed).toBe(true);
    expect(stage.status.path).toBe("off");
    expect(voice.closed).toBe(false);
    stage.client.stop();
    expect(voice.closed).toBe(true);
  });
});

describe("one offer at a time", () => {
  it("lets a second wish wait for the first answer", async () => {
    const peer = new FakePeer();
    let answer: (sdp: string) => void = () => undefined;
    const offers: string[] = [];
    const leg = new Leg({
      make: async () => peer,
      exchange: (offer) => (offers.push(offer), new Promise<string>((done) => (answer = done))),
      heard: () => undefined,
    });
    void leg.renew();
    await settle();
    void leg.restart();
    void leg.restart();
    await settle();
    expect(offers).toEqual(["offer 0"]);
    answer("a=fingerprint:sha-256 A\r\n");
    await settle();
    expect(offers).toEqual(["offer 0", "offer 1"]);
  });

  it("reads the certificate of an answer", () => {
    expect(fingerprint("v=0\r\na=fingerprint:sha-256 AA:BB\r\nm=audio")).toBe("sha-256 AA:BB");
    expect(fingerprint("v=0")).toBe("");
  });
});
