/** The folds against golden frames; the same files are held against the Python side. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { START, step, type Cursor } from "../shared/feed";
import type { DeskEvent, DeskView, Happened, SessionEvent, Snapshot } from "../shared/protocol";
import { EMPTY_DESK, EMPTY_SESSION, reduceDesk, reduceSession } from "../shared/reduce";

interface Vector {
  readonly name: string;
  readonly frames: readonly (Happened | Snapshot)[];
  readonly view: unknown;
}

const FOLDER = resolve(import.meta.dirname, "../../tests/vectors");
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl")) : [];

function fresh(feed: string): unknown {
  return feed.startsWith("desk.") ? EMPTY_DESK : EMPTY_SESSION;
}

function reduce(feed: string, view: unknown, frame: Happened): unknown {
  if (feed.startsWith("desk.")) return reduceDesk(view as DeskView, { ...frame, event: frame.event as DeskEvent });
  return reduceSession(view as typeof EMPTY_SESSION, { ...frame, event: frame.event as SessionEvent });
}

/** Run frames through the cursor and the fold, as a page does. */
function fold(frames: Vector["frames"]): unknown {
  let cursor: Cursor = START;
  let view: unknown = fresh(frames[0]?.feed ?? "");
  for (const frame of frames) {
    if (frame.op === "snapshot") {
      cursor = { at: frame.seq, lost: false };
      view = frame.view;
      continue;
    }
    const judged = step(cursor, frame.seq, frame.prev);
    cursor = judged.cursor;
    if (judged.verdict === "reset") view = fresh(frame.feed);
    if (judged.verdict === "apply" || judged.verdict === "reset") view = reduce(frame.feed, view, frame);
  }
  return view;
}

describe.each(FILES)("%s", (file) => {
  const lines = readFileSync(resolve(FOLDER, file), "utf8").split("\n").filter(Boolean);
  it.each(lines.map((line) => JSON.parse(line) as Vector))("$name", ({ frames, view }) => {
    expect(JSON.parse(JSON.stringify(fold(frames)))).toEqual(view);
  });
});

it("finds the vectors", () => {
  expect(FILES).toContain("session.jsonl");
});
