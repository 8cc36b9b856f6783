/** What Link needs from its surroundings, and what it tells: no DOM, so a mini-program can hand in its own. */
import type { Parcel } from "./outbox";
import type { Happened, Hinted, Snapshot, Welcome } from "./protocol";

/** One open or opening socket. */
export interface Transport {
  send(text: string): void;
  close(code?: number): void;
}

export interface TransportListener {
  opened(): void;
  received(text: string): void;
  closed(code: number): void;
}

export type Connect = (url: string, subprotocol: string, listener: TransportListener) => Transport;

export interface Clock {
  /** Milliseconds; must go on while the device sleeps, so wall time and not a monotonic counter. */
  now(): number;
  /** Run once after `ms`; returns a function that calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** Tells when it is worth looking at once: the page is shown again, the network is back. */
export type Lifecycle = (awake: () => void) => () => void;

export interface LinkOptions {
  url: string;
  connect: Connect;
  clock: Clock;
  lifecycle: Lifecycle;
  /** In [0, 1); spreads clients out after a restart. */
  random: () => number;
  newId: () => string;
  /** A single-use ticket where no cookie travels; asked for before each connection. */
  ticket?: () => string | null;
}

/**
 * - `idle`: not started
 * - `connecting`: first attempt, nothing shown yet
 * - `online`: welcomed
 * - `offline`: was lost or could not connect; trying again by itself
 * - `stopped`: will not try again; `code` says why (see Close in kernel/wire.py)
 */
export type LinkState = "idle" | "connecting" | "online" | "offline" | "stopped";

export interface LinkHandlers {
  state?(state: LinkState, code: number | null): void;
  welcome?(frame: Welcome): void;
  /** A visible event, exactly once and in order; with `reset` the feed's view starts afresh before it. */
  event?(frame: Happened, reset: boolean): void;
  snapshot?(frame: Snapshot): void;
  hinted?(frame: Hinted): void;
  ack?(parcel: Parcel, seq: number): void;
  /** `retrying`: the command stays in the outbox and will be sent again. */
  refused?(parcel: Parcel | null, code: string, retrying: boolean): void;
  /** The feed says no more: forget its view. */
  unfollowed?(feed: string): void;
}
