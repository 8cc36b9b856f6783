/** What a link waits for, and which answers end it or are tried again; times in ms. */
import { Close } from "./protocol";

export const FINAL: readonly number[] = [Close.MALFORMED, Close.SIGN_IN, Close.FORBIDDEN, Close.GONE];
export const TRY_AGAIN: readonly string[] = ["unavailable", "conflict", "too_fast"];

export const TICK_MS = 1_000;
export const JUMP_MS = 5_000;
export const CONNECT_MS = 5_000;
export const PROBE_MS = 4_000;
/** A command this long without an answer, and nothing else heard: the line may be dead, so ask. */
export const UNANSWERED_MS = 3_000;
export const GAP_MS = 5_000;
export const TOO_FAST_MS = 5_000;
