"""Train the screening's score: `python -m bench.triage.train --data DIR` writes triage/data/weights.json.

A logistic regression over character n-grams of the folded, masked text and over rule features. Trained on the
labelled messages, on unlabelled counselling turns taken as benign (minus those that a rule or a first model suspects),
on English help-seeking, and on this project's own wording families that were seen (SEEN and composed.toml; held.toml
and the newest look are never read here). The threshold is the one that gives `--false-alarms` per 1,000 benign
labelled messages in five-fold cross-validation; it is moved to 0.5.
One core, about two minutes, the same weights every time. Needs requirements/train.txt.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np  # type: ignore[import-not-found,import-untyped,unused-ignore]
import scipy.sparse as sp  # type: ignore[import-not-found,import-untyped,unused-ignore]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found,import-untyped,unused-ignore]
from sklearn.metrics import roc_auc_score  # type: ignore[import-not-found,import-untyped,unused-ignore]
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-not-found,import-untyped,unused-ignore]

from bench.triage import corpus
from bench.triage.wordings import composed, wordings
from triage.domain import reading, signals
from triage.domain.lexicon import Weights
from triage.screening import lexicon

LONGEST = 3  # characters of an n-gram; 4 gave the same area under the curve and twice the size
STRENGTH = 4.0  # inverse regularisation
RULE_SCALE = 0.5  # a rule feature is penalised like two n-grams, so that n-grams keep a voice
UNRULED = 0.5  # weight of a copy of each labelled row without its rule features: rules miss what is new
TRAFFIC = 0.2  # weight of an unlabelled turn taken as benign
OWN = 0.6  # weight of a wording of this project
COMPOSED = 0.12  # weight of a composed sentence: they are many and alike
NEITHER = 0.3  # weight, as benign, of violence and of talk about others
SUSPECT = 0.3  # an unlabelled turn that a first model gives more than this is left out
SEEN = ("tune", "sight", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "broad")
LEAST = 0.004  # a smaller weight is not stored
OUT = Path(__file__).resolve().parents[2] / "triage" / "data" / "weights.json"


class Row(msgspec.Struct, frozen=True):
    """One text as the score sees it, its truth and its weight in training."""

    grams: frozenset[str]
    features: dict[str, float]
    floor: float
    risk: int
    weight: float


class Fitted(msgspec.Struct, frozen=True):
    """A vocabulary and its coefficients."""

    grams: dict[str, int]
    features: dict[str, int]
    coef: Any
    bias: float


def row(text: str, risk: int, weight: float) -> Row:
    """Fold, mask and read one text exactly as at run time."""
    model = lexicon()
    seen = reading.read(model, text)
    padded = f"^{seen.scored}$"
    grams = frozenset(padded[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(padded) - size + 1))
    return Row(grams, reading.features(seen), signals.judge(model, seen).floor, risk, weight)


def unruled(one: Row) -> Row:
    """The same row with its rule features taken away."""
    return Row(one.grams, {}, one.floor, one.risk, one.weight * UNRULED)


def matrix(rows: list[Row], grams: dict[str, int], features: dict[str, int]) -> Any:
    """Rows as a sparse matrix: n-grams at unit length, then rule features."""
    ends, columns, values = [0], [], []
    for one in rows:
        known = sorted(grams[gram] for gram in one.grams if gram in grams)
        columns.extend(known)
        values.extend([1.0 / np.sqrt(max(1, len(known)))] * len(known))
        for name in sorted(one.features):
            if name in features:
                columns.append(len(grams) + features[name])
                values.append(one.features[name] * RULE_SCALE)
        ends.append(len(columns))
    return sp.csr_matrix((values, columns, ends), shape=(len(rows), len(grams) + len(features)))


def fit(rows: list[Row]) -> Fitted:
    """Fit on n-grams that stand in at least two rows, and on every rule feature."""
    counts = Counter(gram for one in rows for gram in one.grams)
    grams = {gram: at for at, gram in enumerate(sorted(g for g, n in counts.items() if n > 1))}
    features = {name: at for at, name in enumerate(sorted({name for one in rows for name in one.features}))}
    model = LogisticRegression(C=STRENGTH, max_iter=2000, solver="liblinear", random_state=0)
    model.fit(matrix(rows, grams, features), [one.risk for one in rows], sample_weight=[one.weight for one in rows])
    return Fitted(grams, features, model.coef_[0], float(model.intercept_[0]))


def logits(fitted: Fitted, rows: list[Row]) -> Any:
    """The fitted model's logits."""
    return matrix(rows, fitted.grams, fitted.features) @ fitted.coef + fitted.bias


def fit_cleaned(labeled: list[Row], traffic: list[Row], own: list[Row]) -> Fitted:
    """Fit, leave out unlabelled turns that the first fit or a rule suspects, fit again."""
    base = labeled + [unruled(one) for one in labeled] + own
    calm = [one for one in traffic if one.floor < SUSPECT]
    first = fit(base + calm)
    chances = 1.0 / (1.0 + np.exp(-logits(first, calm)))
    return fit(base + [one for one, chance in zip(calm, chances, strict=True) if chance < SUSPECT])


def cross_validated(labeled: list[Row], traffic: list[Row], own: list[Row]) -> Any:
    """Every labelled row's probability from a model that has not seen it, rules' floors included."""
    out = np.zeros(len(labeled))
    truth = [one.risk if one.weight == 1.0 else 2 for one in labeled]
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(labeled, truth):
        fitted = fit_cleaned([labeled[at] for at in train], traffic, own)
        out[test] = 1.0 / (1.0 + np.exp(-logits(fitted, [labeled[at] for at in test])))
    return out


def report(name: str, scores: Any, risk: Any, benign: Any) -> None:
    """Area under the curve and recall at fixed budgets of false alarms."""
    kept = risk | benign
    calm = np.sort(scores[benign])[::-1]
    budgets = {fa: float((scores[risk] > calm[int(fa * len(calm) / 1000)]).mean()) for fa in (10, 20, 50)}
    area = roc_auc_score(risk[kept], scores[kept])
    print(f"{name}: AUC {area:.4f}; recall at FA/1000 " + ", ".join(f"{k}: {v:.3f}" for k, v in budgets.items()))


def stored(fitted: Fitted, threshold: float, version: int) -> Weights:
    """The weights as shipped: the threshold moved to 0.5, small ones dropped, no rule counted against risk."""
    shift = float(np.log(threshold / (1.0 - threshold)))
    size = len(fitted.grams)
    grams = {gram: round(float(fitted.coef[at]), 3) for gram, at in fitted.grams.items()}
    features = {name: float(fitted.coef[size + at]) * RULE_SCALE for name, at in fitted.features.items()}
    return Weights(
        version=version,
        bias=round(fitted.bias - shift, 4),
        threshold=0.5,
        longest=LONGEST,
        grams={gram: weight for gram, weight in grams.items() if abs(weight) >= LEAST},
        features={name: round(weight if _free(name) else max(0.0, weight), 3) for name, weight in features.items()},
    )


def _free(name: str) -> bool:
    """Cues and stances may speak against risk; a rule that is meant may not."""
    return ":" in name or name == "quiet" or name.startswith("cue.")


def main() -> None:
    """Train, report the cross-validation, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="directory of the developers' risk data")
    parser.add_argument("--false-alarms", type=float, default=26.0, help="per 1,000 benign labelled messages")
    parser.add_argument("--version", type=int, default=1)
    args = parser.parse_args()
    source = corpus.labeled(args.data)
    labeled = [row(one.text, one.risk or 0, NEITHER if one.risk is None else 1.0) for one in source]
    traffic = [row(one.text, 0, TRAFFIC) for one in corpus.traffic(args.data)]
    traffic += [row(text, 0, TRAFFIC) for text in corpus.english(args.data)]
    own_voice = [one for name in SEEN for one in wordings(name) if "third" not in one.family.split("-")]
    seen = [one for one in own_voice if one.label != "third"]
    own = [row(one.text, int(one.label in ("now", "risk")), OWN) for one in seen]
    own += [row(one.text, int(one.label != "quiet"), COMPOSED) for one in composed()]
    risk = np.array([one.risk == 1 for one in source])
    benign = np.array([one.risk == 0 for one in source])
    alone = cross_validated(labeled, traffic, own)
    floors = np.array([one.floor for one in labeled])
    report("score alone, cross-validated", alone, risk, benign)
    report("with the rules' floors, cross-validated", np.maximum(alone, floors), risk, benign)
    allowed = int(args.false_alarms * benign.sum() / 1000) - int((floors[benign] >= 0.5).sum())
    calm = np.sort(alone[benign & (floors < 0.5)])[::-1]
    threshold = float(np.clip(calm[max(0, allowed)], 0.05, 0.95))
    alarms = (alone > threshold) | (floors >= 0.5)
    print(f"threshold {threshold:.3f}: recall {alarms[risk].mean():.3f}, FA/1000 {1000 * alarms[benign].mean():.1f}")
    weights = stored(fit_cleaned(labeled, traffic, own), threshold, args.version)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(weights, order="sorted"), indent=0) + b"\n")
    print(f"{OUT.name}: {len(weights.grams)} n-grams, {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
