/** What a browser's getStats says, as the few numbers we use. Pure: it takes any list of reports. */
import type { Counts } from "./call-quality";
import type { Reading } from "./call-watch";

/** One report of getStats; browsers leave fields out. */
export type Report = Readonly<Record<string, unknown>>;

export interface Numbers {
  readonly reading: Reading;
  readonly counts: Counts;
  /** Loudness of each receiving lane, 0..1, by the track's id; absent where the browser does not say. */
  readonly levels: Readonly<Record<string, number>>;
  /** `udp`, `tcp`, `relay` or "" while nothing is chosen. */
  readonly path: string;
}

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const known = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** Add up the reports of one connection at `at` (ms). */
export function numbersOf(reports: readonly Report[], at: number, state: string): Numbers {
  const of = (type: string) => reports.filter((each) => each.type === type);
  const inbound = of("inbound-rtp").filter((each) => each.kind === "audio" || each.mediaType === "audio");
  const sum = (list: readonly Report[], field: string) => list.reduce((total, each) => total + number(each[field]), 0);
  const packets = sum(inbound, "packetsReceived");
  const chosen = pairOf(reports);
  const trip = known(chosen?.currentRoundTripTime);
  const there = of("remote-inbound-rtp").map((each) => known(each.fractionLost));
  return {
    reading: { at, packets, answers: sum(of("candidate-pair"), "responsesReceived"), state },
    counts: {
      at,
      received: packets,
      lost: sum(inbound, "packetsLost"),
      jitter: Math.max(0, ...inbound.map((each) => number(each.jitter))) * 1000,
      roundTrip: trip === null ? null : trip * 1000,
      lostThere: there.find((each) => each !== null) ?? null,
    },
    levels: Object.fromEntries(
      inbound.flatMap((each) => (typeof each.trackIdentifier === "string" && known(each.audioLevel) !== null ? [[each.trackIdentifier, number(each.audioLevel)]] : [])),
    ),
    path: pathOf(reports, chosen),
  };
}

/** The pair of addresses in use. */
function pairOf(reports: readonly Report[]): Report | undefined {
  const transport = reports.find((each) => each.type === "transport" && typeof each.selectedCandidatePairId === "string");
  const pairs = reports.filter((each) => each.type === "candidate-pair");
  return pairs.find((each) => each.id === transport?.selectedCandidatePairId) ?? pairs.find((each) => each.nominated === true);
}

function pathOf(reports: readonly Report[], pair: Report | undefined): string {
  const local = reports.find((each) => each.id !== undefined && each.id === pair?.localCandidateId);
  if (local?.candidateType === "relay") return "relay";
  return typeof local?.protocol === "string" ? local.protocol : "";
}
