import { beforeEach, describe, expect, it } from "vitest";
import { unread, awaySince, stage } from "../console/contact";
import { Duty, type News } from "../console/duty";
import { read } from "../console/settings";
import type { Actor, AnyEvent, Happened, Role } from "../shared/protocol";
import type { Parcel } from "../shared/outbox";
import type { Link, LinkHandlers } from "../shared/socket";

/** What these tests tell of an event; fields that no fold reads are left out. */
type Told = { readonly type: AnyEvent["type"] } & Readonly<Record<string, unknown>>;

/** Stands in for Link: keeps what was sent, and lets a test speak as the server. */
class FakeLink {
  readonly sent: { id: string; to: string; command: Parcel["command"] }[] = [];
  readonly heads = new Map<string, number>();
  handlers: LinkHandlers = {};
  start(): void {}
  send(to: string, command: Parcel["command"]): string {
    const id = `m${this.sent.length + 1}`;
    this.sent.push({ id, to, command });
    return id;
  }
  hint(): void {}
  forget(): void {}
  at(feed: string): number {
    return this.heads.get(feed) ?? 0;
  }
  of(type: string) {
    return this.sent.filter((each) => each.command.type === type);
  }
  ack(id: string, seq: number): void {
    const parcel = this.sent.find((each) => each.id === id);
    if (parcel) this.handlers.ack?.({ ...parcel, sentAt: 0, notBefore: 0, retries: 0 }, seq);
  }
  refuse(id: string, code: string): void {
    const parcel = this.sent.find((each) => each.id === id);
    if (parcel) this.handlers.refused?.({ ...parcel, sentAt: 0, notBefore: 0, retries: 0 }, code, false);
  }
  say(feed: string, by: Actor, event: Told, at = new Date().toISOString()): void {
    const prev = this.at(feed);
    this.heads.set(feed, prev + 1);
    this.handlers.event?.({ op: "event", feed, seq: prev + 1, prev, at, by, event } as unknown as Happened, prev === 0);
  }
}

const actor = (role: Role, id: string): Actor => ({ role, id });
const VISITOR = actor("visitor", "c");
const ME = actor("counselor", "me");
const SYSTEM = actor("system", "system");
const FEED = "session.c";
let link: FakeLink;
let news: News[];
let duty: Duty;
const contact = () => {
  const found = duty.state.contacts["c"];
  if (!found) throw new Error("no contact");
  return found;
};

beforeEach(() => {
  link = new FakeLink();
  news = [];
  duty = new Duty(
    (handlers) => {
      link.handlers = handlers;
      return link as unknown as Link;
    },
    (each) => news.push(each),
  );
  link.handlers.state?.("online", null);
  link.handlers.welcome?.({ op: "welcome", at: new Date().toISOString(), you: ME, name: "林", heartbeat_s: 5, feeds: [] });
});

function join(): void {
  link.say(FEED, VISITOR, { type: "contact.opened", contact: "c", line: "main", medium: "text", language: "zh-Hans" });
  link.say(FEED, SYSTEM, { type: "contact.queued", number: 7 });
  link.say(FEED, SYSTEM, { type: "counselor.joined", counselor: "me", name: "林", grade: "counselor", epoch: 1 });
}

describe("a contact in hand", () => {
  it("appears with its first event and is chosen when nothing else is", () => {
    join();
    expect(duty.state.chosen).toBe("c");
    expect(contact()).toMatchObject({ line: "main", session: { number: 7, phase: "active" } });
  });
  it("counts unread until the words were on screen, then tells the visitor once", () => {
    join();
    link.say(FEED, VISITOR, { type: "message.posted", text: "在吗" });
    link.say(FEED, VISITOR, { type: "message.posted", text: "有点难受" });
    expect(unread(contact())).toBe(2);
    expect(link.of("receipt.mark").map((each) => each.command)).toEqual([
      { type: "receipt.mark", delivered: 4, read: 0 },
      { type: "receipt.mark", delivered: 5, read: 0 },
    ]);
    duty.saw("c", 5);
    duty.saw("c", 5);
    expect(unread(contact())).toBe(0);
    expect(link.of("receipt.mark").slice(2).map((each) => each.command)).toEqual([{ type: "receipt.mark", delivered: 5, read: 5 }]);
  });
  it("rings for fresh words only, not for what a reload brings back", () => {
    join();
    link.say(FEED, VISITOR, { type: "message.posted", text: "旧的" }, new Date(Date.now() - 60_000).toISOString());
    expect(news).toEqual([]);
    link.say(FEED, VISITOR, { type: "message.posted", text: "新的" });
    expect(news).toEqual([{ type: "message", contact: "c" }]);
  });
  it("knows since when the visitor is gone, and that they are back", () => {
    join();
    const left = new Date().toISOString();
    link.say(FEED, SYSTEM, { type: "visitor.away" }, left);
    expect(awaySince(contact().session)).toBe(left);
    link.say(FEED, SYSTEM, { type: "visitor.returned" });
    expect(awaySince(contact().session)).toBeNull();
  });
});

describe("what the counselor says", () => {
  it("shows as pending until its own event has come, whichever of ack and event is first", () => {
    join();
    duty.say("c", "我在");
    expect(contact().pending).toHaveLength(1);
    link.say(FEED, ME, { type: "message.posted", text: "我在" });
    expect(contact().pending[0]?.shown).toBe(true);
    link.ack("m1", 4);
    expect(contact().pending).toEqual([]);
  });
  it("stays as failed when refused, and can be sent again without touching the draft", () => {
    join();
    duty.say("c", "太快");
    link.refuse("m1", "too_fast");
    expect(contact().pending[0]?.failed).toBe("too_fast");
    duty.write("c", "下一句");
    duty.discard("c", "m1", true);
    expect(link.of("message.post").map((each) => each.command)).toEqual([
      { type: "message.post", text: "太快" },
      { type: "message.post", text: "太快" },
    ]);
    expect(contact().draft).toBe("下一句");
  });
  it("any other refusal is said in words; a receipt's is not", () => {
    join();
    duty.ready("main", 2);
    expect(duty.asking("seat.ready", "desk.main")).toBe(true);
    link.refuse("m1", "not_permitted");
    expect(duty.asking("seat.ready", "desk.main")).toBe(false);
    expect(duty.state.flash).toEqual({ key: "refused.not_permitted" });
  });
});

describe("the record", () => {
  it("goes with the draft, and the contact leaves with thanks", () => {
    join();
    duty.submitWrap("c");
    expect(link.of("wrap_up.submit")).toEqual([]);
    duty.keepWrap("c", { disposition: "resolved", issues: ["sleep"], note: "好些了" });
    duty.submitWrap("c");
    expect(link.of("wrap_up.submit")[0]?.command).toEqual({
      type: "wrap_up.submit",
      disposition: "resolved",
      issues: ["sleep"],
      note: "好些了",
    });
    link.ack("m1", 9);
    link.handlers.unfollowed?.(FEED);
    expect(duty.state.contacts).toEqual({});
    expect(duty.state.chosen).toBeNull();
    expect(duty.state.flash).toMatchObject({ key: "flash.written_up", number: 7 });
  });
  it("a contact taken from one's hands says so", () => {
    join();
    link.handlers.unfollowed?.(FEED);
    expect(duty.state.flash).toMatchObject({ key: "flash.gone", number: 7 });
  });
  it("stands at talking, writing up, owed, done", () => {
    join();
    expect(stage(contact(), undefined, undefined)).toBe("talking");
    link.say(FEED, ME, { type: "session.ended", reason: "counselor" });
    expect(stage(contact(), undefined, undefined)).toBe("writing_up");
  });
});

it("an accepted offer comes to the front, unless one is in the middle of a sentence", () => {
  join();
  const accepted = { type: "offer.accepted", offer: "o", contact: "d", counselor: "me", name: "林", grade: "counselor", epoch: 1 } as const;
  duty.write("c", "正在写");
  link.say("desk.main", ME, accepted);
  expect(duty.state.chosen).toBe("c");
  duty.write("c", "");
  link.say("desk.main", ME, accepted);
  expect(duty.state.chosen).toBe("d");
});

it("settings that cannot be read count as not set", () => {
  expect(read(null)).toEqual({ sound: true, notify: false, keys: true, slots: 2, burst: false });
  expect(read("{not json")).toEqual(read(null));
  expect(read('{"slots": 9, "sound": "yes", "keys": false}')).toEqual({ sound: true, notify: false, keys: false, slots: 2, burst: false });
});

it("keeps an answer to words left at a closed line, whatever the house says, and tells which", () => {
  duty.reply("far", "看到您的留言了。");
  duty.reply("far", "明早十点我在。");
  const [first, second] = duty.state.replies;
  expect(link.sent.slice(-2).map(({ to, command }) => [to, command.type])).toEqual([["session.far", "message.post"], ["session.far", "message.post"]]);
  link.ack(first!.id, 7);
  link.refuse(second!.id, "session_over");
  expect(duty.state.replies.map(({ text, state }) => [text, state])).toEqual([["看到您的留言了。", "sent"], ["明早十点我在。", "session_over"]]);
  expect(duty.state.flash).toBeNull();
});
