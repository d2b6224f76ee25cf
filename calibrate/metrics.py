"""Metrics on held-out people: AUC with intervals by person, balanced accuracy, 2AFC pairs, ECE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Point = tuple[float, float, float, float]  # of a curve: x, AUC, low and high end of its interval
BOOTSTRAPS = 1000
BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """P(genuine) (n,) of clips with the label (n,), person and emotion of each."""

    p_genuine: Numbers
    genuine: Flags
    subject: NDArray[np.str_]
    emotion: NDArray[np.str_]

    def __post_init__(self) -> None:
        lengths = {len(self.p_genuine), len(self.genuine), len(self.subject), len(self.emotion)}
        if len(lengths) != 1 or not np.isfinite(self.p_genuine).all():
            raise ValueError(
                f"scores of lengths {sorted(lengths)}; want one finite number for each clip"
            )

    def where(self, keep: Flags | NDArray[np.intp]) -> Scored:
        """Return the clips that `keep` selects."""
        return Scored(
            self.p_genuine[keep], self.genuine[keep], self.subject[keep], self.emotion[keep]
        )


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of one set of scores; None where undefined (a single class, no pairs)."""

    clips: int
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    balanced_accuracy: float | None
    pairs: float | None
    ece: float
    ece_by_chance: float  # of a score without any error, which few clips still give one

    def as_dict(self) -> dict[str, float | int | None]:
        """Return plain values for JSON, rounded to four digits."""
        return {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def compute_metrics(scored: Scored, seed: int = 0) -> Metrics:
    """Return all metrics of `scored`, with 95 % bootstrap intervals of the AUC by person."""
    low, high = bootstrap(scored, auc, seed)
    return Metrics(
        len(scored.genuine),
        auc(scored),
        low,
        high,
        balanced_accuracy(scored),
        pairs(scored),
        ece(scored),
        ece_by_chance(scored, seed),
    )


def auc(scored: Scored) -> float | None:
    """Return the probability that a genuine clip scores above a fake one; ties count half."""
    genuine = int(scored.genuine.sum())
    fake = len(scored.genuine) - genuine
    if not genuine or not fake:
        return None
    _, group, size = np.unique(scored.p_genuine, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(size) - (size - 1) / 2
    ranks = mean_ranks[group][scored.genuine].sum()
    return float((ranks - genuine * (genuine + 1) / 2) / (genuine * fake))


def balanced_accuracy(scored: Scored) -> float | None:
    """Return the mean of the hit rates on genuine and on fake clips at P = 0.5."""
    called = scored.p_genuine >= 0.5
    if scored.genuine.all() or not scored.genuine.any():
        return None
    return float((called[scored.genuine].mean() + (~called[~scored.genuine]).mean()) / 2)


def pairs(scored: Scored) -> float | None:
    """Return 2AFC accuracy: how often a genuine clip scores above a fake one of person and emotion.

    The paper's 66.7 % is this figure, on 30 pairs; it is no accuracy on single clips.
    """
    right = total = 0.0
    for subject in np.unique(scored.subject):
        of_subject = scored.subject == subject
        for emotion in np.unique(scored.emotion[of_subject]):
            here = of_subject & (scored.emotion == emotion)
            genuine, fake = (
                scored.p_genuine[here & scored.genuine],
                scored.p_genuine[here & ~scored.genuine],
            )
            gap = genuine[:, None] - fake[None, :]
            right += float((gap > 0).sum() + 0.5 * (gap == 0).sum())
            total += gap.size
    return right / total if total else None


def ece(scored: Scored) -> float:
    """Return the expected calibration error over ten equal bins of probability."""
    return float(_calibration_errors(scored.p_genuine, scored.genuine[None])[0])


def ece_by_chance(scored: Scored, seed: int = 0, rounds: int = BOOTSTRAPS) -> float:
    """Return the mean `ece` if each label were drawn with the probability that was given for it.

    An `ece` near it shows no error of calibration: the fewer clips, the larger both are.
    """
    drawn = np.random.default_rng(seed).random((rounds, len(scored.p_genuine))) < scored.p_genuine
    return float(_calibration_errors(scored.p_genuine, drawn).mean())


def _calibration_errors(p_genuine: Numbers, genuine: Flags) -> Numbers:
    """Return the error (m,) of probabilities (n,) for each row of labels (m, n)."""
    bins = np.minimum((p_genuine * BINS).astype(int), BINS - 1)
    of_bin = (bins[:, None] == np.arange(BINS)).astype(np.float64)
    gaps = np.abs(p_genuine @ of_bin - genuine.astype(np.float64) @ of_bin)
    return np.asarray(gaps.sum(axis=1) / len(p_genuine), np.float64)


def bootstrap(
    scored: Scored,
    figure: Callable[[Scored], float | None],
    seed: int = 0,
    rounds: int = BOOTSTRAPS,
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of `figure` over resampled people.

    People are resampled because clips of one person are not independent; one person alone has no
    interval, (None, None).
    """
    rng = np.random.default_rng(seed)
    clips_of = [np.flatnonzero(scored.subject == subject) for subject in np.unique(scored.subject)]
    if len(clips_of) < 2:
        return None, None
    drawn = (rng.integers(0, len(clips_of), len(clips_of)) for _ in range(rounds))
    figures = [
        figure(scored.where(np.concatenate([clips_of[i] for i in people]))) for people in drawn
    ]
    known = [value for value in figures if value is not None]
    if not known:
        return None, None
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)


def auc_point(x: float, scored: Scored) -> Point | None:
    """Return `x`, the AUC and its interval, for a plot; None where the AUC is undefined.

    Without an interval (one person) both its ends are the AUC.
    """
    found = auc(scored)
    if found is None:
        return None
    low, high = bootstrap(scored, auc)
    return x, found, found if low is None else low, found if high is None else high


def abstaining(scored: Scored, share: float) -> Scored:
    """Return `scored` without the `share` of clips nearest to P = 0.5."""
    order = np.argsort(np.abs(scored.p_genuine - 0.5), kind="stable")
    return scored.where(np.sort(order[round(share * len(order)) :]))
