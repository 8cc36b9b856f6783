/** A scripted house for tests of Link: a fake clock, a lossy wire, and a server that keeps one log per feed. */
import type { Happened, ServerFrame } from "../shared/protocol";
import type { Clock, Connect, Lifecycle, TransportListener } from "../shared/transport";

/** Numbers in [0, 1) from a seed (mulberry32), so that a failing schedule can be run again. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Time that passes only when told. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private jobs: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const job = { at: this.time + ms, run };
    this.jobs.push(job);
    return () => {
      this.jobs = this.jobs.filter((each) => each !== job);
    };
  }

  /** Let time pass, running what falls due in order. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.jobs.filter((job) => job.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.jobs = this.jobs.filter((job) => job !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** The device sleeps: time passes and nothing runs until it wakes. */
  sleep(ms: number): void {
    this.time += ms;
  }
}

/** One socket as the house sees it. */
export class Wire {
  open = true;
  readonly heard: Record<string, unknown>[] = [];

  constructor(
    readonly listener: TransportListener,
    private readonly onFrame: (wire: Wire, frame: Record<string, unknown>) => void,
  ) {}

  say(frame: ServerFrame): void {
    if (this.open) this.listener.received(JSON.stringify(frame));
  }

  receive(text: string): void {
    if (!this.open) return;
    const frame = JSON.parse(text) as Record<string, unknown>;
    this.heard.push(frame);
    this.onFrame(this, frame);
  }

  drop(code = 1006): void {
    if (!this.open) return;
    this.open = false;
    this.listener.closed(code);
  }
}

/** How long the house takes to let somebody in. */
export const OPEN_MS = 1;

const AT = "2026-11-21T15:40:00Z";
const BY = { role: "visitor", id: "c1" } as const;

/** A house with logs: answers hello and resume, takes each command id once. */
export class House {
  readonly wires: Wire[] = [];
  readonly log = new Map<string, Happened[]>();
  private readonly taken = new Map<string, number>();
  /** Called before a frame goes out; false loses it. */
  passes: (frame: ServerFrame) => boolean = () => true;
  /** Called before a frame comes in; false loses it. */
  hears: (frame: Record<string, unknown>) => boolean = () => true;
  /** Whether new sockets are answered at all. */
  reachable = true;
  welcoming = true;

  constructor(
    readonly feeds: string[],
    private readonly clock: FakeClock,
  ) {
    for (const feed of feeds) this.log.set(feed, []);
  }

  get wire(): Wire {
    const last = this.wires[this.wires.length - 1];
    if (!last) throw new Error("nobody has connected");
    return last;
  }

  readonly connect: Connect = (_url, _subprotocol, listener) => {
    const wire = new Wire(listener, (from, frame) => this.frame(from, frame));
    this.wires.push(wire);
    const reached = this.reachable;
    this.clock.after(OPEN_MS, () => {
      if (reached && wire.open) listener.opened();
    });
    return {
      send: (text) => wire.receive(text),
      close: () => {
        wire.open = false;
      },
    };
  };

  say(frame: ServerFrame): void {
    if (this.passes(frame)) this.wire.say(frame);
  }

  /** Append to a feed's log and tell whoever listens. */
  post(feed: string, text: string): number {
    const rows = this.log.get(feed) ?? [];
    const seq = rows.length + 1;
    const frame: Happened = {
      ...{ op: "event", feed, seq, prev: seq - 1, at: AT, by: BY },
      event: { type: "message.posted", text, at: AT },
    };
    this.log.set(feed, [...rows, frame]);
    if (this.wires.length) this.say(frame);
    return seq;
  }

  texts(feed: string): string[] {
    return (this.log.get(feed) ?? []).map((row) => ("text" in row.event ? String(row.event.text) : ""));
  }

  private frame(wire: Wire, frame: Record<string, unknown>): void {
    if (!this.hears(frame)) return;
    switch (frame.op) {
      case "hello":
        if (!this.welcoming) return;
        wire.say({ op: "welcome", at: AT, you: BY, name: "", heartbeat_s: 20, feeds: this.feeds });
        for (const feed of this.feeds) this.replay(feed, (frame.resume as Record<string, number>)[feed] ?? 0);
        return;
      case "resume":
        return this.replay(String(frame.feed), Number(frame.after));
      case "ping":
        return this.say({ op: "pong", at: AT, heads: Object.fromEntries(this.feeds.map((feed) => [feed, this.log.get(feed)?.length ?? 0])) });
      case "do": {
        const id = String(frame.id);
        const command = frame.command as { type: string; text?: string };
        const seq = this.taken.get(id) ?? this.post(String(frame.to), command.text ?? command.type);
        this.taken.set(id, seq);
        return this.say({ op: "ack", id, seq });
      }
    }
  }

  private replay(feed: string, after: number): void {
    for (const row of this.log.get(feed) ?? []) if (row.seq > after) this.say(row);
  }
}

/** A lifecycle whose "awake" a test pulls by hand. */
export function bell(): { lifecycle: Lifecycle; ring: () => void } {
  let awake: (() => void) | null = null;
  return {
    lifecycle: (run) => {
      awake = run;
      return () => {
        awake = null;
      };
    },
    ring: () => awake?.(),
  };
}
