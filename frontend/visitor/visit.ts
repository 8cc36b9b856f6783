/** What this page knows of the contact: the folds of its feeds, words on their way, the link; and which scene that makes. */
import { computed, shallowReactive } from "vue";
import { NO_CALL, type CallView } from "../shared/call";
import type { Place } from "../shared/protocol";
import { EMPTY_CASE, EMPTY_PENDING, EMPTY_SESSION } from "../shared/reduce";
import type { CaseView, Pending, SessionView } from "../shared/reduce";
import type { LinkState } from "../shared/socket";

interface Visit {
  contact: string;
  session: SessionView;
  dossier: CaseView;
  call: CallView;
  /** What was said about recording; null while it was not asked. */
  recording: "yes" | "no" | null;
  /** The person is about to ask for a call: the microphone is tried first. */
  asksToTalk: boolean;
  /** The house has no voice at the moment. */
  noVoice: boolean;
  pending: readonly Pending[];
  place: Place | null;
  link: LinkState;
  typingUntil: number;
  /** The person is at the questions; they stay until the person is done with them. */
  answering: boolean;
  /** The first events have come in: until then nothing is shown that the next moment would take back. */
  settled: boolean;
  /** Opened on this page, not found by its cookie after a reload. */
  begunHere: boolean;
  draft: string;
}

export const NEW: Visit = {
  contact: "",
  session: EMPTY_SESSION,
  dossier: EMPTY_CASE,
  call: NO_CALL,
  recording: null,
  asksToTalk: false,
  noVoice: false,
  pending: EMPTY_PENDING,
  place: null,
  link: "idle",
  typingUntil: 0,
  answering: false,
  settled: false,
  begunHere: false,
  draft: "",
};

export const visit = shallowReactive<Visit>({ ...NEW });

/** What the person should see of the contact now. */
export const scene = computed<"opening" | "intake" | "talk" | "ended">(() => {
  const { phase } = visit.session;
  if (!visit.settled) return "opening";
  if (phase === "ended" || phase === "abandoned" || phase === "closed") return "ended";
  return visit.answering ? "intake" : "talk";
});

export const sessionFeed = () => `session.${visit.contact}`;
