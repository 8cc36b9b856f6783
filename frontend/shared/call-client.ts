/**
 * A person in a call: opens the leg while the call has a place for them, keeps it alive, and says how it goes.
 * Everything that touches the browser is handed in, so that the rules can be tested without one.
 */
import { carries, expectsSound, type CallView } from "./call";
import { eased, scaled } from "./call-level";
import { Leg, LANES, type Lane, type Peer } from "./call-leg";
import { QualityMeter, type Quality } from "./call-quality";
import { look, watchFrom, type Watch } from "./call-watch";

/** `off`: no leg; `connecting`: not heard yet; `on`: sound can flow; `lost`: it could and does not. */
export type PathState = "off" | "connecting" | "on" | "lost";

export interface CallStatus {
  path: PathState;
  quality: Quality | null;
  muted: boolean;
  /** The browser keeps the sound back until the page is touched. */
  blocked: boolean;
  /** Loudness now, 0..1: one's own, and of each lane. */
  mine: number;
  lanes: Record<Lane, number>;
  /** `udp`, `tcp`, `relay`, or "" while there is none. */
  by: string;
}

export const SILENT: CallStatus = { path: "off", quality: null, muted: false, blocked: false, mine: 0, lanes: { main: 0, aux: 0 }, by: "" };

/** An open microphone, as far as a call is concerned. */
export interface Voice {
  readonly track: MediaStreamTrack;
  muted: boolean;
  level(): number;
  close(): void;
}

/** Players of the two lanes. */
export interface Speakers {
  readonly blocked: boolean;
  take(lane: Lane, track: MediaStreamTrack): void;
  trackOf(lane: Lane): string;
  unblock(): void;
  close(): void;
}

export interface CallSurroundings {
  /** A fresh connection for this call. */
  make(call: string): Promise<Peer>;
  speakers: Speakers;
  /** Carry an offer for a call to the house; rejects where there is no answer for now. */
  exchange(call: string, offer: string): Promise<string>;
  now(): number;
  /** Run again and again; returns how to stop. */
  every(ms: number, run: () => void): () => void;
  changed(status: CallStatus): void;
}

const LOOK_MS = 200;

export class CallClient {
  private status: CallStatus = { ...SILENT, lanes: { ...SILENT.lanes } };
  private voice: Voice | null = null;
  private view: CallView | null = null;
  private me = "";
  private watch: Watch | null = null;
  private meter = new QualityMeter();
  private stopLooking: (() => void) | null = null;
  private looking = false;
  private readonly leg: Leg;

  constructor(private readonly around: CallSurroundings) {
    this.leg = new Leg({
      make: () => around.make(this.view?.call ?? ""),
      exchange: (offer) => around.exchange(this.view?.call ?? "", offer),
      heard: (lane, track) => around.speakers.take(lane, track),
    });
  }

  /** Speak with this from now on; null gives the microphone back and only listens. */
  speakWith(voice: Voice | null): void {
    if (this.voice !== voice) this.voice?.close();
    this.voice = voice;
    if (voice) voice.muted = this.status.muted;
    this.leg.speak(voice?.track ?? null);
  }

  /** Be where the call says: `mine` tells whether it has a place for this person. */
  follow(view: CallView, me: string, mine: boolean): void {
    const before = this.view;
    this.view = view;
    this.me = me;
    if (!mine || !carries(view)) return this.leave();
    // The first placement answers the first offer; each later one means another worker.
    const moved = before !== null && before.call === view.call && before.placed !== view.placed && view.placed > 1;
    if (!this.leg.open || moved) this.connect(this.leg.open ? 1 : 0);
  }

  mute(on: boolean): void {
    this.status.muted = on;
    if (this.voice) this.voice.muted = on;
    this.tell();
  }

  /** The person touched the page: let the sound out. */
  unblock(): void {
    this.around.speakers.unblock();
    this.tell();
  }

  /** Hang up this end and give the microphone back. */
  stop(): void {
    this.leave();
    this.speakWith(null);
  }

  private leave(): void {
    if (!this.leg.open && this.status.path === "off") return;
    this.stopLooking?.();
    this.stopLooking = this.watch = null;
    this.leg.close();
    this.around.speakers.close();
    this.status = { ...SILENT, lanes: { ...SILENT.lanes } };
    this.tell();
  }

  private connect(tries: number): void {
    this.watch = watchFrom(this.around.now(), tries);
    this.meter = new QualityMeter();
    void this.leg.renew();
    this.stopLooking ??= this.around.every(LOOK_MS, () => void this.look());
    if (this.status.path === "off") this.status.path = "connecting";
    this.tell();
  }

  private async look(): Promise<void> {
    if (this.looking || !this.watch || !this.view) return;
    this.looking = true;
    try {
      const numbers = await this.leg.look(this.around.now());
      if (!numbers || !this.watch) return;
      const { watch, verdict } = look(this.watch, numbers.reading, expectsSound(this.view, this.me));
      this.watch = watch;
      if (verdict === "restart") void this.leg.restart();
      if (verdict === "renew") this.connect(watch.tries);
      this.show(numbers, verdict !== "fine" || watch.tries > 0);
    } finally {
      this.looking = false;
    }
  }

  private show(numbers: NonNullable<Awaited<ReturnType<Leg["look"]>>>, troubled: boolean): void {
    const { status } = this;
    const up = numbers.reading.state === "connected";
    if (up && !troubled) status.path = "on";
    else if (status.path === "on") status.path = "lost";
    status.quality = up ? this.meter.take(numbers.counts) : null;
    status.blocked = this.around.speakers.blocked;
    status.by = numbers.path;
    status.mine = eased(status.mine, this.voice && !status.muted ? this.voice.level() : 0);
    for (const lane of LANES) {
      const loud = numbers.levels[this.around.speakers.trackOf(lane)] ?? 0;
      status.lanes[lane] = eased(status.lanes[lane], scaled(loud));
    }
    this.tell();
  }

  private tell(): void {
    this.around.changed({ ...this.status, lanes: { ...this.status.lanes } });
  }
}
