"""Measure the shipped screening: `python -m bench.triage.measure --data DIR`.

The labelled figures are of the shipped weights on messages they were trained on: an upper bound, good for noticing a
change. The figures that say more are the cross-validated ones that bench.triage.train prints, and those on texts that
nobody here has seen.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from bench.triage import corpus
from bench.triage.wordings import Wording, composed, wordings
from triage.screening import ready, screen


def families(name: str, sentences: list[Wording]) -> None:
    """Alarms raised where they should be, by label and family."""
    by: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for one in sentences:
        found = screen(one.text)
        by[one.label, one.family].append(found.alarm and (one.label != "now" or found.level == "imminent"))
    for label in ("now", "risk", "third", "quiet"):
        got = {family: hits for (kind, family), hits in by.items() if kind == label}
        total = sum(len(hits) for hits in got.values())
        if total:
            print(f"{name} {label}: alarms {sum(sum(hits) for hits in got.values())} of {total}")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description="Measure the shipped screening on the developers' files.")
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    started = time.perf_counter()
    ready()
    print(f"loaded in {time.perf_counter() - started:.2f} s")
    rows = corpus.labeled(data)
    took: list[float] = []
    alarms: list[bool] = []
    for one in rows:
        before = time.process_time()
        alarms.append(screen(one.text).alarm)
        took.append(1000 * (time.process_time() - before))
    risk = [alarm for one, alarm in zip(rows, alarms, strict=True) if one.risk == 1]
    benign = [alarm for one, alarm in zip(rows, alarms, strict=True) if one.risk == 0]
    urgent = [alarm for one, alarm in zip(rows, alarms, strict=True) if one.urgent]
    print(
        f"labelled (seen): recall {sum(risk)}/{len(risk)}, urgent {sum(urgent)}/{len(urgent)}, "
        f"FA/1000 {1000 * sum(benign) / len(benign):.1f}"
    )
    turns = corpus.traffic(data)
    raised = {turn.dialogue for turn in turns if screen(turn.text).alarm}
    count = sum(screen(turn.text).alarm for turn in turns)
    print(
        f"traffic: {count} alarms in {len(turns)} turns, {len(raised)} of {len({t.dialogue for t in turns})} dialogues"
    )
    english = corpus.english(data)
    print(f"English help-seeking: {sum(screen(text).alarm for text in english)} alarms in {len(english)} texts")
    families("tune", wordings("tune"))
    families("composed", composed())
    families("held", wordings("held"))
    families("eleventh", wordings("eleventh"))
    probes = corpus.probes(data)
    families(
        "probes",
        [
            Wording(
                row["family"],
                "quiet"
                if row["label"] in ("none", "other")
                else "third"
                if row["label"] in ("third", "past")
                else "risk",
                row["text"],
            )
            for row in probes
        ],
    )
    took.sort()
    print(f"a message: p50 {took[len(took) // 2]:.2f} ms, p95 {took[int(len(took) * 0.95)]:.2f} ms")


if __name__ == "__main__":
    main()
