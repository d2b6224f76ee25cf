"""Detection of a person change within two seconds, and false alarms, on held-out people.

Their apex windows are shown one after another, as in `calibrate.evaluation.online_profile`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.data.folds import Folds
from calibrate.data.replay_track import replay_through
from calibrate.evaluation.online_profile import PAUSE_S
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from calibrate.learning.population import fit_population
from engines.model.shape import LANDMARKS
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage

Json = dict[str, object]
FIRST, SECOND = 6, 3  # windows of the first person, and of the second
IDENTITY_BASIS = MovementBasis(np.eye(LANDMARKS, dtype=np.float32), 1.0)  # its output is unused
TURNS = 4  # of every person as the first, each with other windows and another second person


def person_change_metrics(data: Dataset, folds: Folds | None, seed: int) -> Json:
    """Return the share of changes detected by each expression, and the false alarms per pause.

    The identity models of each fold come from the other folds. Empty without folds.
    """
    detected_at: list[int | None] = []
    false_alarms: list[bool] = []
    for training, held_out in folds.splits() if folds else ():
        for changes in _changes(data, training, held_out, seed):
            false_alarms += changes[1:FIRST]
            after = enumerate(changes[FIRST:])
            detected_at.append(next((number for number, changed in after if changed), None))
    if not detected_at:
        return {}
    shares = {
        str(number + 1): float(np.mean([at is not None and at <= number for at in detected_at]))
        for number in range(SECOND)
    }
    return {
        "changes": len(detected_at),
        "noticed_by": {number: round(share, 4) for number, share in shares.items()},
        "mistaken": round(float(np.mean(false_alarms)), 4),
    }


def sentences(metrics: object) -> list[str]:
    """Return the metrics as sentences for the report."""
    if not isinstance(metrics, Mapping) or not metrics:
        return []
    shares = ", ".join(
        f"{share:.2f} by expression {number}" for number, share in metrics["noticed_by"].items()
    )
    return [
        f"person change after {PAUSE_S:g} s: detected in {shares}, of {metrics['changes']} changes",
        f"same person after {PAUSE_S:g} s: false alarm at {metrics['mistaken']:.3f} of the pauses",
    ]


def _changes(
    data: Dataset, training: NDArray[np.intp], held_out: NDArray[np.intp], seed: int
) -> Iterator[list[bool]]:
    """Yield for every run of two people whether each window started a new person."""
    population = fit_population(data, training)
    windows = data.windows(population.movement_range)
    thresholds = fit_expression_thresholds(data, training, population)
    own, rng = data.clips_by_person(held_out), np.random.default_rng(seed)
    for subject, clips in own.items():
        others = [name for name in own if name != subject and len(own[name]) >= SECOND]
        for _ in range(TURNS if len(clips) >= FIRST and others else 0):
            first = rng.permutation(clips)[:FIRST]
            second = rng.permutation(own[str(rng.choice(others))])[:SECOND]
            motion = MotionStage(data.timing, population, IDENTITY_BASIS, thresholds=thresholds)
            yield list(_new_person(windows, motion, [*first, *second]))


def _new_person(windows: ApexWindows, motion: MotionStage, clips: Sequence[int]) -> Iterator[bool]:
    """Show `clips` to `motion`; yield whether each changed the person."""
    now_s = 0.0
    for clip in clips:
        before = motion.person.person_id
        first_s, last_s = windows.times_s(clip)
        track = windows.data.tracks[clip]
        for _ in replay_through(motion, track, (first_s, last_s), now_s - first_s):
            pass
        now_s += last_s - first_s + PAUSE_S
        yield motion.person.person_id > before
