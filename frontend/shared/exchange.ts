/**
 * A transport without a socket: the same frames, one HTTP request after another. For networks that let no WebSocket
 * through; slower by a few seconds, and nothing else is lost.
 */
import { Close } from "./protocol";
import type { ClientFrame, Do, ServerFrame } from "./protocol";
import type { Connect, TransportListener } from "./transport";

export const EVERY_MS = 2_500;
const SOON_MS = 250;
/** Commands in one request; the rest follows in the next. */
const MOST = 8;
/** After so long, try a socket again. */
export const SPELL_MS = 2 * 60_000;
/** So many sockets in a row that were never greeted, and the network is taken to have none. */
export const BROKEN_AFTER = 3;

interface Wish {
  after: Record<string, number>;
  say: Do[];
  hello: boolean;
}

type Post = (body: string) => Promise<{ status: number; text: string }>;
type After = (ms: number, run: () => void) => () => void;

/** One spell of asking over HTTP. */
class Exchanges {
  private readonly wish: Wish = { after: {}, say: [], hello: false };
  private asking = false;
  private over = false;
  private stopTimer: () => void = () => undefined;
  private readonly stopSpell: () => void;

  constructor(
    private readonly post: Post,
    private readonly after: After,
    private readonly listener: TransportListener,
  ) {
    this.stopSpell = after(SPELL_MS, () => this.end(1000));
    after(0, () => listener.opened());
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    if (frame.op === "hello") Object.assign(this.wish, { hello: true, after: { ...frame.resume } });
    else if (frame.op === "do") this.wish.say.push(frame);
    else if (frame.op === "resume") this.wish.after[frame.feed] = frame.after ?? 0;
    else return; // A ping is answered by the next answer, and a hint may be lost.
    this.soon(0);
  }

  close(): void {
    this.over = true;
    this.stopTimer();
    this.stopSpell();
  }

  private soon(ms: number): void {
    this.stopTimer();
    this.stopTimer = this.after(ms, () => void this.ask());
  }

  private async ask(): Promise<void> {
    if (this.over || this.asking) return;
    this.asking = true;
    const body = { ...this.wish, say: this.wish.say.splice(0, MOST) };
    this.wish.hello = false;
    try {
      const { status, text } = await this.post(JSON.stringify(body));
      if (this.over) return;
      if (status !== 200) return this.end(codeOf(status));
      this.hear((JSON.parse(text) as { frames: ServerFrame[] }).frames);
    } catch {
      return this.end(1006);
    } finally {
      this.asking = false;
    }
  }

  private hear(frames: readonly ServerFrame[]): void {
    let news = false;
    for (const frame of frames) {
      if (frame.op === "event") {
        this.wish.after[frame.feed] = frame.seq;
        news = true;
      }
      this.listener.received(JSON.stringify(frame));
    }
    this.listener.received(JSON.stringify({ op: "pong", at: new Date().toISOString(), heads: {} }));
    if (!this.over) this.soon(news || this.wish.say.length > 0 ? SOON_MS : EVERY_MS);
  }

  private end(code: number): void {
    if (this.over) return;
    this.close();
    this.listener.closed(code);
  }
}

function codeOf(status: number): number {
  if (status === 401) return Close.SIGN_IN;
  if (status === 403) return Close.FORBIDDEN;
  return status === 429 ? Close.TOO_FAST : 1006;
}

/** Sockets as long as they work; after some that were never greeted, a spell of requests. */
export function withExchange(socket: Connect, post: Post, after: After): Connect {
  let unheard = 0;
  return (url, subprotocol, listener) => {
    if (unheard >= BROKEN_AFTER) {
      unheard = BROKEN_AFTER - 1; // The spell over, one socket is tried; if it fails too, the next spell begins.
      return new Exchanges(post, after, listener);
    }
    unheard += 1;
    return socket(url, subprotocol, {
      opened: () => listener.opened(),
      received(text) {
        unheard = 0;
        listener.received(text);
      },
      closed: (code) => listener.closed(code),
    });
  };
}
