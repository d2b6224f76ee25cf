"""Fit the appearance model (Fisherfaces) and its cosine thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from calibrate.data.folds import person_folds
from calibrate.identity.lda import lda_directions
from realtime.core.messages import Floats
from realtime.person.appearance import (
    AppearanceModel,
    embedding_similarity,
    expected,
    normalise_crops,
    unit_rows,
)

Patches = NDArray[np.uint8]  # of one clip's frames (n, 24, 24)

EVERY = 4  # frames: neighbours show the same
PRINCIPAL = 200  # principal components that the discriminants are computed in
DIRECTIONS, RIDGE = 30, 0.1
FOLDS = 5
SOON = 15  # frames (half a second) that are known after an interruption
KNOWN, DRAWS = 6, 20  # clips a person is known from, at most; comparisons of each
# Percentiles: of within-person similarity for "different", of between-person similarity for "same".
RARE, MOSTLY = 1.0, 98.0
MOST = 0.999  # upper bound of a threshold on a cosine
CALM = 0.01  # percentile of the similarity of neighbouring frames below which it is a shot cut


def fit_appearance_model(
    clips: Sequence[Patches], subjects: NDArray[np.str_], seed: int
) -> AppearanceModel | None:
    """Fit the appearance model; None with too few people or no crops.

    The limits come from people whom the directions were not learned from.
    """
    folds = min(FOLDS, len(np.unique(subjects)) // 2)
    if folds < 2 or len(subjects) < 4 * len(np.unique(subjects)) or not all(map(len, clips)):
        return None
    fold_of = person_folds([str(s) for s in subjects], folds, seed)
    own, others = list[float](), list[float]()
    for fold in range(folds):
        directions, middle = _learned(*_some(clips, subjects, fold_of != fold))
        held_out, who = _some(clips, subjects, fold_of == fold)
        looks = [_placed(clip, directions, middle) for clip in held_out]
        for theirs, known, like in _compared(looks, who, seed):
            (own if theirs else others).append(like / expected(known) if theirs else like)
    steps = np.concatenate([_steps(clip) for clip in clips])
    limit, same, cut = _within(own, RARE), _within(others, MOSTLY), _within(steps, CALM)
    return AppearanceModel(*_learned(clips, subjects), limit, max(same, limit + 1e-6), cut)


def _within(likeness: Sequence[float] | Floats, percentile: float) -> float:
    """The percentile, as an `Appearance` may have it."""
    return float(np.clip(np.percentile(likeness, percentile), -MOST, MOST))


def _some(
    clips: Sequence[Patches], subjects: NDArray[np.str_], which: NDArray[np.bool_]
) -> tuple[list[Patches], NDArray[np.str_]]:
    return [clip for clip, wanted in zip(clips, which, strict=True) if wanted], subjects[which]


def _placed(clip: Patches, directions: Floats, middle: Floats) -> Floats:
    return unit_rows(np.asarray(normalise_crops(clip) @ directions.T - middle, np.float32))


def _learned(clips: Sequence[Patches], subjects: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Return discriminant directions (d, 576) and the mean of all crops along them (d,).

    The mean itself, which is a face, is not kept.
    """
    rows = [normalise_crops(clip[::EVERY]) for clip in clips]
    every = np.concatenate(rows)
    mean = every.mean(axis=0)
    spread, axes = np.linalg.eigh(np.cov(every - mean, rowvar=False))
    axes = axes[:, ::-1][:, : min(PRINCIPAL, int((spread > 1e-9).sum()))]
    who = np.repeat(subjects, [len(row) for row in rows])
    directions = np.asarray(
        lda_directions((every - mean) @ axes, who, DIRECTIONS, RIDGE) @ axes.T, np.float32
    )
    return directions, np.asarray(directions @ mean, np.float32)


def _compared(
    looks: Sequence[Floats], subjects: NDArray[np.str_], seed: int
) -> Iterator[tuple[bool, int, float]]:
    """Yield for a person and the start of a clip: same person, clips known, similarity."""
    rng = np.random.default_rng(seed)
    soon, whole = (
        [look[:SOON].mean(axis=0) for look in looks],
        [look.mean(axis=0) for look in looks],
    )
    for subject in np.unique(subjects):
        own, others = np.flatnonzero(subjects == subject), np.flatnonzero(subjects != subject)
        for draw in range(DRAWS if len(own) > 1 and len(others) else 0):
            first, *rest = rng.permutation(own)
            known = [whole[i] for i in rest[: 1 + draw % KNOWN]]
            yield True, len(known), embedding_similarity(known, [soon[first]])
            yield False, len(known), embedding_similarity(known, [soon[rng.choice(others)]])


def _steps(clip: Patches) -> Floats:
    """How alike neighbouring frames of a clip are (n - 1,)."""
    rows = normalise_crops(clip)
    return np.asarray((rows[1:] * rows[:-1]).sum(axis=1), np.float32)
