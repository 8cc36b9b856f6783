/** Commands that wait for their answer: sent again with the same id until the server says ack or refused. */

import type { AnyCommand } from "./protocol";

export interface Parcel {
  readonly id: string;
  readonly to: string;
  readonly command: AnyCommand;
  /** When it was last put on the wire, or null while it never was on this socket. */
  sentAt: number | null;
  /** Not before this moment (after a refusal that may be tried again). */
  notBefore: number;
  /** How often the server asked to try again. */
  retries: number;
}

/** Silence after which a command is sent again on the same socket. */
export const RESEND_MS = 10_000;

/** Receipts overtake words and are overtaken; everything else of one feed keeps its order. */
function lane(parcel: Parcel): string {
  return parcel.command.type === "receipt.mark" ? `${parcel.to} receipt` : parcel.to;
}

/** An ordered box: per feed one command is on its way at a time, so a retry can never change the order. */
export class Outbox {
  private parcels: Parcel[] = [];

  /** Put a command at the end. A receipt replaces an older one that has not left yet. */
  put(id: string, to: string, command: AnyCommand): Parcel {
    const parcel: Parcel = { id, to, command, sentAt: null, notBefore: 0, retries: 0 };
    if (command.type === "receipt.mark") {
      this.parcels = this.parcels.filter((old) => old.sentAt !== null || lane(old) !== lane(parcel));
    }
    this.parcels.push(parcel);
    return parcel;
  }

  /** The parcels to send now: the first of each lane, unless it is on its way or asked to wait. */
  due(now: number): Parcel[] {
    const seen = new Set<string>();
    return this.parcels.filter((parcel) => {
      const key = lane(parcel);
      if (seen.has(key)) return false;
      seen.add(key);
      const silent = parcel.sentAt === null || now - parcel.sentAt >= RESEND_MS;
      return silent && now >= parcel.notBefore;
    });
  }

  /** Take a parcel out, because it was answered. */
  take(id: string): Parcel | undefined {
    const found = this.parcels.find((parcel) => parcel.id === id);
    if (found) this.parcels = this.parcels.filter((parcel) => parcel !== found);
    return found;
  }

  find(id: string): Parcel | undefined {
    return this.parcels.find((parcel) => parcel.id === id);
  }

  /** Keep a parcel back until `notBefore`, then send it again. */
  hold(parcel: Parcel, notBefore: number): void {
    parcel.sentAt = null;
    parcel.notBefore = notBefore;
    parcel.retries += 1;
  }

  /** How long (ms) something that is on its way has met nothing but silence; 0 where nothing is. */
  silentFor(now: number, heardAt: number): number {
    const times = this.parcels.flatMap((parcel) => (parcel.sentAt === null ? [] : [parcel.sentAt]));
    return times.length ? now - Math.max(Math.min(...times), heardAt) : 0;
  }

  /** The socket is gone: whatever was on its way must be sent again. */
  unsend(): void {
    for (const parcel of this.parcels) parcel.sentAt = null;
  }

  /** Everything unanswered for a feed (or at all), oldest first. */
  waiting(to?: string): readonly Parcel[] {
    return to === undefined ? this.parcels : this.parcels.filter((parcel) => parcel.to === to);
  }

  /** Forget what was meant for a feed that is over; returns what was dropped. */
  drop(to: string): Parcel[] {
    const gone = this.parcels.filter((parcel) => parcel.to === to);
    this.parcels = this.parcels.filter((parcel) => parcel.to !== to);
    return gone;
  }
}
