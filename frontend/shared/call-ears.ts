/** What is heard: one player per lane. A browser may keep them silent until the page is touched; then `blocked` says so. */
import type { Lane } from "./call-leg";

export class Ears {
  private readonly players = new Map<Lane, HTMLAudioElement>();
  private readonly tracks = new Map<Lane, string>();
  blocked = false;

  /** Play this on a lane from now on. */
  take(lane: Lane, track: MediaStreamTrack): void {
    const player = this.players.get(lane) ?? new Audio();
    this.players.set(lane, player);
    this.tracks.set(lane, track.id);
    player.srcObject = new MediaStream([track]);
    this.play(player);
  }

  /** The track a lane plays, by the id getStats knows it by. */
  trackOf(lane: Lane): string {
    return this.tracks.get(lane) ?? "";
  }

  /** The person touched the page: play what was kept back. */
  unblock(): void {
    this.blocked = false;
    for (const player of this.players.values()) this.play(player);
  }

  close(): void {
    for (const player of this.players.values()) {
      player.pause();
      player.srcObject = null;
    }
    this.players.clear();
    this.tracks.clear();
    this.blocked = false;
  }

  private play(player: HTMLAudioElement): void {
    player.play().catch((fault: unknown) => {
      // A player that got another track meanwhile says AbortError, which is nobody's business.
      if (fault instanceof Error && fault.name === "NotAllowedError") this.blocked = true;
    });
  }
}
