"""Somebody leaves and another sits down, within two seconds: how soon the running profile notices, how often it errs.

People held out are shown by their apex windows, one after another, as `calibrate.evaluation.online_profile` shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset, population
from calibrate.data.replay_track import replay_through
from calibrate.evaluation.online_profile import PAUSE_S, by_person
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from engines.model.shape import LANDMARKS
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage

Json = dict[str, object]
FIRST, THEN = 6, 3  # windows of the one person, and of the other
UNFOLDED = MovementBasis(
    np.eye(LANDMARKS, dtype=np.float32), 1.0
)  # nothing here reads the windows that it folds
TURNS = 4  # of every person, with other windows and before another one


def person_change_metrics(data: Dataset, folds: NDArray[np.int64], seed: int) -> Json:
    """How many changes were noticed by the other's first, second and third expression; what was none and taken for one.

    Every fold's people are told apart by what the other folds teach. Empty where there is one fold.
    """
    noticed: list[int | None] = []
    mistaken: list[bool] = []
    for fold in np.unique(folds) if folds.any() else ():
        for seen in _shown(
            data, np.flatnonzero(folds != fold), np.flatnonzero(folds == fold), seed
        ):
            mistaken += seen[1:FIRST]
            noticed.append(next((turn for turn, new in enumerate(seen[FIRST:]) if new), None))
    if not noticed:
        return {}
    by = {
        str(turn + 1): float(np.mean([at is not None and at <= turn for at in noticed]))
        for turn in range(THEN)
    }
    shares = {expressions: round(share, 4) for expressions, share in by.items()}
    return {
        "changes": len(noticed),
        "noticed_by": shares,
        "mistaken": round(float(np.mean(mistaken)), 4),
    }


def sentences(found: object) -> list[str]:
    """The shares in words."""
    if not isinstance(found, Mapping) or not found:
        return []
    by = ", ".join(
        f"{share:.2f} by expression {number}" for number, share in found["noticed_by"].items()
    )
    return [
        f"another person after {PAUSE_S:g} s: noticed in {by}, of {found['changes']} changes",
        f"the same person after {PAUSE_S:g} s: taken for another at {found['mistaken']:.3f} of the pauses",
    ]


def _shown(
    data: Dataset, inside: NDArray[np.intp], outside: NDArray[np.intp], seed: int
) -> Iterator[list[bool]]:
    """For every showing of two people: whether each window, as it was shown, was taken for the first of a new one."""
    people = population(data, inside)
    data = data.ranged(people.movement_range)
    when = fit_expression_thresholds(data, inside, people)
    own, rng = by_person(data, outside), np.random.default_rng(seed)
    for subject, clips in own.items():
        others = [name for name in own if name != subject and len(own[name]) >= THEN]
        for _ in range(TURNS if len(clips) >= FIRST and others else 0):
            shown = [
                *rng.permutation(clips)[:FIRST],
                *rng.permutation(own[str(rng.choice(others))])[:THEN],
            ]
            yield list(
                _renewed(data, MotionStage(data.timing, people, UNFOLDED, limits=when), shown)
            )


def _renewed(data: Dataset, motion: MotionStage, clips: Sequence[int]) -> Iterator[bool]:
    now_s = 0.0
    for clip in clips:
        number = motion.person.person_id
        between_s = data.times_s(clip, data.frame_ranges[clip])
        for _ in replay_through(motion, data.tracks[clip], between_s, now_s - between_s[0]):
            pass
        now_s += between_s[1] - between_s[0] + PAUSE_S
        yield motion.person.person_id > number
