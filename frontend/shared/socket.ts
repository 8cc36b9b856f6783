/**
 * Link: one socket to the house. Says hello with where it stands, keeps every feed exact (shared/feed.ts), keeps every
 * command until it is answered (shared/outbox.ts), notices silence, and comes back by itself.
 *
 * It touches no DOM: transport, clock and lifecycle are handed in (shared/browser.ts has a browser's; a mini-program
 * hands in wx.connectSocket).
 */
import { patience, pause, spreadPause } from "./backoff";
import { Feeds } from "./feeds";
import { CONNECT_MS, FINAL, GAP_MS, JUMP_MS, PROBE_MS, TICK_MS, TOO_FAST_MS, TRY_AGAIN, UNANSWERED_MS } from "./link-times";
import { Outbox, type Parcel } from "./outbox";
import { Questions, Unanswered, type Answer } from "./questions";
import { Close, SUBPROTOCOL } from "./protocol";
import type { AnyCommand, ClientFrame, Happened, ServerFrame, Typing, Welcome } from "./protocol";
import type { LinkHandlers, LinkOptions, LinkState, Transport } from "./transport";
export type { Clock, Connect, Lifecycle, LinkHandlers, LinkOptions, LinkState, Transport, TransportListener } from "./transport";

export class Link {
  private current: LinkState = "idle";
  private readonly outbox = new Outbox();
  private readonly feeds = new Feeds();
  private readonly questions = new Questions();
  private transport: Transport | null = null;
  /** Grows with each socket, so that late words of an old one are not heard. */
  private generation = 0;
  private attempts = 0;
  private heartbeatMs = 20_000;
  private heardAt = 0;
  private pingedAt = 0;
  private tickedAt = 0;
  /** When a connection or a probe that has not been answered counts as dead. */
  private deadline: number | null = null;
  private welcomedAt: number | null = null;
  private comeBackMs: number | null = null;
  private stopTick: (() => void) | null = null;
  private stopRetry: (() => void) | null = null;
  private stopLifecycle: (() => void) | null = null;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {}

  get state(): LinkState {
    return this.current;
  }

  /** Connect and stay connected until `stop`. */
  start(): void {
    if (this.stopTick) return;
    this.tickedAt = this.options.clock.now();
    this.stopLifecycle = this.options.lifecycle(() => this.awake());
    this.tick();
    this.open("connecting");
  }

  /** Close for good. What is still unanswered stays in the box, in case of a later `start`. */
  stop(code: number | null = null): void {
    this.stopTick?.();
    this.stopRetry?.();
    this.stopLifecycle?.();
    this.stopTick = this.stopRetry = this.stopLifecycle = null;
    this.shut();
    this.setState("stopped", code);
  }

  /** Give a command for a feed; it is kept and repeated until answered. Returns its id. */
  send(to: string, command: AnyCommand): string {
    const id = this.options.newId();
    this.outbox.put(id, to, command);
    this.flush();
    return id;
  }

  /** Ask for what is answered by a `reply` and never kept; rejects with Unanswered. */
  ask(to: string, command: AnyCommand): Promise<Answer> {
    if (this.current !== "online") return Promise.reject(new Unanswered("offline"));
    const id = this.options.newId();
    const answer = this.questions.put(id, (ms, run) => this.options.clock.after(ms, run));
    this.write({ op: "do", id, to, command });
    return answer;
  }

  /** Say something that may be lost. */
  hint(to: string, hint: Typing): void {
    if (this.current === "online") this.write({ op: "hint", to, hint });
  }

  /** Everything unanswered, oldest first. */
  unanswered(to?: string): readonly Parcel[] {
    return this.outbox.waiting(to);
  }

  /** Forget commands that can no longer be wanted, for instance of a contact that is over. */
  forget(to: string): void {
    this.outbox.drop(to);
    this.feeds.forget(to);
  }

  /** Where this client stands on a feed: the seq of the last event or snapshot it used. */
  at(feed: string): number {
    return this.feeds.at(feed);
  }

  /** The page woke up or the network is back: look at once instead of waiting for a timer. */
  awake(): void {
    if (this.current === "stopped" || this.current === "idle") return;
    if (this.current === "online") {
      this.deadline ??= this.options.clock.now() + PROBE_MS;
      this.ping();
    } else if (this.transport === null) {
      this.attempts = 0;
      this.open("offline");
    }
  }

  // --- connection -----------------------------------------------------------------------------------

  private open(state: LinkState): void {
    this.stopRetry?.();
    this.stopRetry = null;
    this.shut();
    const mine = ++this.generation;
    const heard = (run: () => void) => {
      if (mine === this.generation) run();
    };
    this.setState(state, null);
    const now = this.options.clock.now();
    this.deadline = now + CONNECT_MS * patience(this.attempts);
    this.comeBackMs = null;
    this.transport = this.options.connect(this.options.url, SUBPROTOCOL, {
      opened: () => heard(() => this.greet()),
      received: (text) => heard(() => this.receive(text)),
      closed: (code) => heard(() => this.lost(code)),
    });
  }

  private greet(): void {
    const ticket = this.options.ticket?.() ?? null;
    this.write({ op: "hello", resume: this.feeds.positions(), ...(ticket ? { ticket } : {}) });
  }

  /** Drop the socket without a word to anybody. */
  private shut(): void {
    this.generation += 1;
    const old = this.transport;
    this.transport = null;
    this.deadline = null;
    this.welcomedAt = null;
    this.feeds.unask();
    this.outbox.unsend();
    this.questions.failAll();
    old?.close(1000);
  }

  private lost(code: number): void {
    const { clock, random } = this.options;
    const held = this.welcomedAt !== null && clock.now() - this.welcomedAt >= JUMP_MS;
    const announced = this.comeBackMs;
    if (FINAL.includes(code)) return this.stop(code);
    if (held) this.attempts = 0;
    this.shut();
    this.setState("offline", code);
    const spread = spreadPause(this.attempts, random());
    const wait = announced ?? (code === Close.TOO_FAST ? TOO_FAST_MS + spread : spread);
    this.attempts += 1;
    this.stopRetry = clock.after(wait, () => this.open("offline"));
  }

  // --- heartbeat ------------------------------------------------------------------------------------

  private tick(): void {
    const now = this.options.clock.now();
    const slept = now - this.tickedAt > TICK_MS + JUMP_MS;
    this.tickedAt = now;
    this.stopTick = this.options.clock.after(TICK_MS, () => this.tick());
    if (slept) {
      this.heardAt = now; // nobody listened while the device slept, so silence proves nothing yet: ask
      this.awake();
      return;
    }
    if (this.transport === null) return;
    if (this.deadline !== null && now >= this.deadline) return this.lost(0);
    if (this.current !== "online") return;
    if (now - this.heardAt > 2.5 * this.heartbeatMs) return this.lost(0);
    if (now - this.pingedAt >= this.heartbeatMs) this.ping();
    if (this.deadline === null && this.outbox.silentFor(now, this.heardAt) >= UNANSWERED_MS) this.awake();
    for (const feed of this.feeds.overdue(now, GAP_MS)) this.resume(feed);
    this.flush();
  }

  private ping(): void {
    this.pingedAt = this.options.clock.now();
    this.write({ op: "ping" });
  }

  // --- frames ---------------------------------------------------------------------------------------

  private receive(text: string): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      return; // A frame that cannot be read shows as a gap at the latest with the next pong.
    }
    this.heardAt = this.options.clock.now();
    if (this.current === "online") this.deadline = null;
    switch (frame.op) {
      case "welcome":
        return this.welcomed(frame);
      case "event":
        return this.happened(frame);
      case "snapshot":
        this.feeds.begin(frame.feed, frame.seq);
        return this.handlers.snapshot?.(frame);
      case "ack":
        return this.acked(frame.id, frame.seq);
      case "refused":
        return this.refused(frame.id, frame.code, frame.retry_ms ?? null);
      case "reply":
        return this.questions.answer(frame.id, frame.body);
      case "hinted":
        return this.handlers.hinted?.(frame);
      case "unfollowed":
        return this.unfollow(frame.feed);
      case "pong":
        for (const feed of this.feeds.missing(frame.heads)) this.resume(feed);
        return;
      case "bye":
        this.comeBackMs = frame.after_ms;
        return;
    }
  }

  private welcomed(frame: Welcome): void {
    const now = this.options.clock.now();
    this.deadline = null;
    this.welcomedAt = this.pingedAt = now;
    this.heartbeatMs = frame.heartbeat_s * 1000;
    for (const feed of this.feeds.strangers(frame.feeds)) this.unfollow(feed);
    this.setState("online", null);
    this.handlers.welcome?.(frame);
    this.flush();
  }

  private happened(frame: Happened): void {
    const verdict = this.feeds.judge(frame.feed, frame.seq, frame.prev);
    if (verdict === "gap" && !this.feeds.wasAsked(frame.feed)) this.resume(frame.feed);
    if (verdict === "apply" || verdict === "reset") this.handlers.event?.(frame, verdict === "reset");
  }

  private resume(feed: string): void {
    this.feeds.ask(feed, this.options.clock.now());
    this.write({ op: "resume", feed, after: this.at(feed) });
  }

  private acked(id: string, seq: number): void {
    const parcel = this.outbox.take(id);
    if (parcel) this.handlers.ack?.(parcel, seq);
    this.flush();
  }

  private refused(id: string | null, code: string, retryMs: number | null): void {
    if (id !== null && this.questions.fail(id, code, retryMs)) return;
    const parcel = id === null ? undefined : this.outbox.find(id);
    const retrying = parcel !== undefined && (retryMs !== null || TRY_AGAIN.includes(code));
    if (parcel && retrying) {
      const wait = retryMs ?? pause(parcel.retries);
      this.outbox.hold(parcel, this.options.clock.now() + wait);
    } else if (parcel) {
      this.outbox.take(parcel.id);
    }
    this.handlers.refused?.(parcel ?? null, code, retrying);
    this.flush();
  }

  private unfollow(feed: string): void {
    this.feeds.forget(feed);
    this.handlers.unfollowed?.(feed);
  }

  private flush(): void {
    if (this.current !== "online") return;
    const now = this.options.clock.now();
    for (const parcel of this.outbox.due(now)) {
      parcel.sentAt = now;
      this.write({ op: "do", id: parcel.id, to: parcel.to, command: parcel.command });
    }
  }

  private write(frame: ClientFrame): void {
    this.transport?.send(JSON.stringify(frame));
  }

  private setState(state: LinkState, code: number | null): void {
    if (state === this.current && code === null) return;
    this.current = state;
    this.handlers.state?.(state, code);
  }
}
