"""Personalisation metrics: AUC against expressions seen, saved profiles, and pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.evaluation.cross_validation import CrossValidation
from calibrate.evaluation.online_profile import ANOTHERS, OWN, RUNNING, WITHOUT_RANGE, Row
from calibrate.learning.calibration import fit_platt_scaling
from calibrate.metrics import Flags, Numbers, Point, Scored, auc_point, bootstrap, compute_metrics

SEEN = (
    0,
    1,
    2,
    3,
    5,
    7,
    10,
    15,
)  # expressions seen before: each stands for as many and more, up to the next
Json = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class OnlineScores:
    """Online scores as arrays (n,): score, clip and number of expressions seen before."""

    score: Numbers
    clip: NDArray[np.intp]
    seen: NDArray[np.int64]
    expected: Flags

    @staticmethod
    def of(rows: Sequence[Row]) -> OnlineScores:
        """The mean of every window's ticks; 0 without a tick."""
        clip, seen, expected, scores = zip(*rows, strict=True)
        means = [float(np.mean(ticks)) if ticks else 0.0 for ticks in scores]
        return OnlineScores(np.array(means), np.array(clip), np.array(seen), np.array(expected))

    def from_seen(self) -> Iterator[tuple[int, Flags]]:
        """Which rows each step of `SEEN` stands for."""
        for low, high in zip(SEEN, (*SEEN[1:], np.inf), strict=True):
            inside = (low <= self.seen) & (self.seen < high)
            if inside.any():
                yield low, inside


def personalisation_metrics(data: Dataset, done: CrossValidation) -> Json:
    """All figures of streams and pairs, as plain values; empty where they were not asked for."""
    scores = {way: OnlineScores.of(rows) for way, rows in done.online_scores.items() if rows}
    running = {way: scores[way] for way in (RUNNING, WITHOUT_RANGE) if way in scores}
    return {
        "by_seen": {way: _by_seen(data, done, of) for way, of in running.items()},
        "saved": {way: _saved(data, done, scores[way]) for way in (OWN, ANOTHERS) if way in scores},
        "maps": _maps(data, scores[RUNNING]) if RUNNING in scores else [],
        "pairs": _pairs(data, done),
    }


def points(data: Dataset, done: CrossValidation, way: str) -> tuple[Point, ...]:
    """Return expressions seen, AUC and its interval, for the plot; none without a score."""
    rows = done.online_scores.get(way)
    if not rows:
        return ()
    online = OnlineScores.of(rows)
    found = [
        auc_point(float(low), _scored(data, done, online, inside))
        for low, inside in online.from_seen()
    ]
    return tuple(point for point in found if point is not None)


def lines(found: object) -> list[tuple[str, object]]:
    """Rows for the report's table."""
    parts = dict(_items(found))
    rows = [
        (f"{way}, {n} expressions seen", m)
        for way, by in _items(parts.get("by_seen"))
        for n, m in _items(by)
    ]
    return [*rows, *((f"apex windows, {way}", m) for way, m in _items(parts.get("saved")))]


def sentences(found: object) -> list[str]:
    """Return the lines beside the table: person changes noticed, and accuracy on pairs."""
    parts = dict(_items(found))
    saved, pairs = _items(parts.get("saved")), dict(_items(parts.get("pairs")))
    said = [
        f"{way}: found not to be theirs for {m['noticed']:.0%} of {m['people']} people"
        for way, m in saved
    ]
    if pairs:
        right = f"{pairs['right']:.3f}"
        if pairs["low"] is not None:
            right += f" ({pairs['low']:.3f}-{pairs['high']:.3f})"
        said.append(
            f"pairs by compare: {right} right of {pairs['pairs']},"
            f" certain of {pairs['certainty']:.3f} in the mean"
        )
    return said


def steps_of(metrics: Mapping[str, Any]) -> list[tuple[int, float, float]]:
    """Return known expressions with the Platt slope and intercept from there on, from a report."""
    return [
        (m["expressions"], m["slope"], m["shift"])
        for m in metrics.get("knowing", {}).get("maps", ())
    ]


def _by_seen(data: Dataset, done: CrossValidation, online: OnlineScores) -> Json:
    return {
        str(low): compute_metrics(_scored(data, done, online, inside)).as_dict()
        for low, inside in online.from_seen()
    }


def _saved(data: Dataset, done: CrossValidation, online: OnlineScores) -> Json:
    """Figures over all windows, and of how many people the profile was found not to be theirs."""
    subjects = data.subjects[online.clip]
    last = [online.expected[subjects == s][-1] for s in np.unique(subjects)]
    scored = _scored(data, done, online, np.ones(len(online.score), bool))
    return {
        **compute_metrics(scored).as_dict(),
        "people": len(last),
        "noticed": round(1 - float(np.mean(last)), 4),
    }


def _scored(data: Dataset, done: CrossValidation, online: OnlineScores, inside: Flags) -> Scored:
    """Probabilities of the rows `inside`, each map fitted on such rows of the other folds."""
    score, clip = online.score[inside], online.clip[inside]
    p_genuine = 1 / (1 + np.exp(-score))
    fold = done.folds.fold_of[clip] if done.folds else np.zeros(len(clip), int)
    for number in np.unique(fold) if done.folds else ():
        out = fold == number
        if (~out).any():
            slope, shift = fit_platt_scaling(score[~out], data.genuine[clip][~out])
            p_genuine[out] = 1 / (1 + np.exp(-(slope * score[out] + shift)))
    return Scored(p_genuine, data.genuine[clip], data.subjects[clip], data.emotions[clip])


def _maps(data: Dataset, online: OnlineScores) -> list[Json]:
    """From how many expressions on which map from score to probability holds."""
    found = [
        (low, fit_platt_scaling(online.score[rows], data.genuine[online.clip[rows]]))
        for low, rows in online.from_seen()
    ]
    return [{"expressions": low, "slope": slope, "shift": shift} for low, (slope, shift) in found]


def _pairs(data: Dataset, done: CrossValidation) -> Json:
    """Return the accuracy on pairs, its interval and the mean certainty."""
    if not done.pairs:
        return {}
    genuine = np.array([clip for clip, *_ in done.pairs])
    apart = np.array([one - other for _, _, one, other in done.pairs])
    slope = fit_platt_scaling(done.clip_scores(data, max(done.scores)), data.genuine)[0]
    scored = Scored(apart, data.genuine[genuine], data.subjects[genuine], data.emotions[genuine])
    low, high = bootstrap(scored, _right)
    certainty = 1 / (1 + np.exp(-slope * np.abs(apart)))
    figures = {
        "right": _right(scored),
        "low": low,
        "high": high,
        "certainty": float(certainty.mean()),
    }
    rounded = {name: None if f is None else round(f, 4) for name, f in figures.items()}
    return {"pairs": len(apart), **rounded}


def _right(scored: Scored) -> float:
    return float((scored.p_genuine > 0).mean() + 0.5 * (scored.p_genuine == 0).mean())


def _items(values: object) -> list[tuple[str, Any]]:
    return list(values.items()) if isinstance(values, dict) else []
