/** What the conversation shows: days, notices, progress. */
import { expect, it } from "vitest";
import type { Entry } from "../shared/session";
import { newestOfOther, rows } from "../shared/transcript";

const said = (seq: number, role: "visitor" | "counselor", at = "2026-11-21T15:40:00Z"): Entry => ({
  ...{ kind: "message", seq, at, by: { role, id: "x" }, text: `t${seq}` },
});
const NONE = { delivered: 0, read: 0 };
const all = () => true;

it("draws a line where the civil day changes in the line's zone, not in UTC", () => {
  const log = [said(1, "visitor", "2026-11-21T15:59:59Z"), said(2, "visitor", "2026-11-21T16:00:00Z"), said(3, "visitor", "2026-11-22T15:59:00Z")];
  expect(rows(log, [], "visitor", NONE, true, all).map((row) => row.kind)).toEqual(["day", "bubble", "day", "bubble", "bubble"]);
});

it("tells the progress of the newest own words only", () => {
  const log = [said(1, "visitor"), said(2, "counselor"), said(3, "visitor")];
  const progress = (delivered: number, read: number) =>
    rows(log, [], "visitor", { delivered, read }, true, all).flatMap((row) => (row.kind === "bubble" ? [row.progress] : []));
  expect(progress(0, 0)).toEqual([null, null, "sent"]);
  expect(progress(3, 0)).toEqual([null, null, "delivered"]);
  expect(progress(3, 3)).toEqual([null, null, "read"]);
});

it("puts words on their way last, and says whether they wait for the network", () => {
  const pending = [{ id: "a", text: "好", base: 0, seq: null, shown: false, failed: null }];
  const last = (online: boolean) => rows([said(1, "counselor")], pending, "visitor", NONE, online, all).slice(-1)[0];
  expect(last(true)).toMatchObject({ mine: true, progress: "sending" });
  expect(last(false)).toMatchObject({ progress: "waiting" });
});

it("leaves out notices that a page does not want", () => {
  const log: Entry[] = [{ kind: "notice", seq: 1, at: "2026-11-21T15:40:00Z", type: "visitor.away", name: "" }, said(2, "visitor")];
  expect(rows(log, [], "visitor", NONE, true, () => false).map((row) => row.kind)).toEqual(["day", "bubble"]);
});

it("finds the newest words of the other side", () => {
  expect(newestOfOther([said(1, "counselor"), said(2, "visitor")], "visitor")).toBe(1);
  expect(newestOfOther([said(2, "visitor")], "visitor")).toBe(0);
});
