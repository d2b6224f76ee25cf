"""Course of an expression over time, and the measures of its onset.

An onset leads from 25 % of the apex to the apex. Its measures are those by which posed and felt
smiles differ: duration, amplitude and speed (Cohn & Schmidt 2004), symmetry and the course of eyes
and mouth (Dibeklioglu, Salah & Gevers 2015). Times are media time, intensities movement ranges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import LANDMARKS, POINTS
from realtime.core.messages import Floats, Onset
from realtime.motion.basis import MIRROR
from realtime.motion.resample import Times, smoothing_weights
from realtime.person.stats import intensities

CURVE_HZ = 30.0  # all frame rates are resampled to it, so that they give the same measures
CURVE_SMOOTH_S = 0.05  # standard deviation of the Gaussian that takes the landmarks' jitter out
# A running median takes out what is shorter than half of it, such as a blink, and leaves a rise.
MEDIAN_S = 0.4
START_SHARE = 0.25  # of the apex; what is below it may be unrest before the expression
APEX_SHARE = 0.9  # of the largest value: its place on a plateau is chance, the plateau's start not
HALF = 0.5  # of its own movement, at which a part counts as moved
LEAST_SHARE = 0.25  # of the whole's amplitude; a part that moves less has no time of its own

EYES = np.r_[0:10, 16:28]  # with the brows
MOUTH = np.r_[28:36]
# The half of the face with the first eye; the midline belongs to neither half.
FIRST_HALF = np.flatnonzero(np.isin(np.arange(POINTS), [*range(5), 11, 12, *range(16, 22)]))
FIRST_HALF = np.concatenate((FIRST_HALF, [28, 29, 35, 36, 38]))
SECOND_HALF = MIRROR[FIRST_HALF]

Course = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MovementCurve:
    """Movement (n, 80) of the landmarks in movement ranges at times (n,), `CURVE_HZ` apart.

    `intensity` (n,) is its distance from neutral, without what is as short as a blink.
    """

    times_s: Times
    movement: Floats
    intensity: Course

    @staticmethod
    def of(
        times_s: Times, shapes: Floats, neutral: Floats, movement_range: Floats
    ) -> MovementCurve:
        """Return the curve of shapes (m, D), one or more without a gap; the newest ends it."""
        count = int((times_s[-1] - times_s[0]) * CURVE_HZ + 1e-6) + 1
        at_s = times_s[-1] - np.arange(count - 1, -1, -1) / CURVE_HZ
        away = (shapes - neutral)[:, :LANDMARKS] / movement_range[:LANDMARKS]
        movement = smoothing_weights(at_s, times_s, CURVE_SMOOTH_S) @ away.astype(np.float32)
        return MovementCurve(at_s, movement, _without_blinks(intensities(movement)))

    def until(self, at_s: float) -> MovementCurve:
        """Return the part up to `at_s`."""
        count = int(np.searchsorted(self.times_s, at_s + 1e-6))
        return MovementCurve(self.times_s[:count], self.movement[:count], self.intensity[:count])


def measure_onset(curve: MovementCurve, peak: int) -> Onset | None:
    """Return the onset that leads to the frame `peak`; None where it begins before the curve.

    What counts is the movement along that of the peak: unrest in other directions, such as a turn
    of the head, is no part of the expression, and at rest there is more of it than 25 % of many.
    """
    course = _course(curve.movement, peak)
    amplitude = float(course[peak])  # 0 or less where the peak is as short as a blink
    if amplitude <= 0:
        return None
    start_s = _last_crossing_s(curve.times_s, course, START_SHARE * amplitude, peak)
    if start_s is None:
        return None
    first = int(np.searchsorted(curve.times_s, start_s))
    top = first + int(np.argmax(course[first:] >= APEX_SHARE * amplitude))
    apex_s = _crossing_s(curve.times_s, course, APEX_SHARE * amplitude, top)
    rising = slice(max(0, first - 1), top + 1)
    mean_speed = (APEX_SHARE - START_SHARE) * amplitude / (apex_s - start_s)
    largest_speed = float(np.gradient(course, 1 / CURVE_HZ)[rising].max())
    return Onset(
        start_s=start_s,
        apex_s=apex_s,
        amplitude=amplitude,
        largest_speed=max(largest_speed, mean_speed),  # differences over two frames may miss it
        mean_speed=mean_speed,
        symmetry=_symmetry(curve.movement[peak] - curve.movement[max(0, first - 1)]),
        mouth_lead_s=_mouth_lead_s(curve, peak, amplitude),
        plateau_s=_plateau_s(course[top:] / amplitude, peak - top),
    )


def _course(movement: Floats, peak: int) -> Course:
    """Return the component (n,) of movement (n, d) along that of `peak`, where it is the RMS."""
    direction = np.asarray(movement[peak], np.float64)
    length = float(np.linalg.norm(direction))
    along = movement @ direction / (max(length, 1e-9) * np.sqrt(len(direction)))
    return _without_blinks(along)


def _without_blinks(values: NDArray[np.floating]) -> Course:
    """Return the running median (n,); towards the ends it narrows."""
    half = round(MEDIAN_S * CURVE_HZ / 2)
    found = np.asarray(values, np.float64).copy()
    if len(values) > 2 * half:
        windows = np.lib.stride_tricks.sliding_window_view(values, 2 * half + 1)
        found[half:-half] = np.sort(windows, axis=1)[:, half]
    for i in (*range(min(half, len(values))), *range(max(0, len(values) - half), len(values))):
        reach = min(half, i, len(values) - 1 - i)
        found[i] = np.sort(values[i - reach : i + reach + 1])[reach]
    return found


def _last_crossing_s(times_s: Times, course: Course, level: float, end: int) -> float | None:
    """Return when `course` rises to `level` for the last time before `end`; None if not inside."""
    below = np.flatnonzero(course[:end] < level)
    return _crossing_s(times_s, course, level, int(below[-1]) + 1) if len(below) else None


def _crossing_s(times_s: Times, course: Course, level: float, above: int) -> float:
    """Return when `course` reaches `level` between the frames `above` - 1 and `above`."""
    before, after = float(course[above - 1]), float(course[above])
    share = (level - before) / (after - before)
    return float(times_s[above] - (1 - share) / CURVE_HZ)


def _symmetry(moved: Floats) -> float:
    """Return how much the half of the face that moves less moves of the other, 0 to 1."""
    halves = [float(intensities(_part(moved[None], half))[0]) for half in (FIRST_HALF, SECOND_HALF)]
    return min(halves) / max(*halves, 1e-9)


def _mouth_lead_s(curve: MovementCurve, peak: int, amplitude: float) -> float | None:
    """Return how much earlier the mouth reaches half of its movement than the eyes."""
    reached_s = []
    for points in (EYES, MOUTH):
        course = _course(_part(curve.movement, points), peak)
        reached = float(course[peak])  # may be below 0 for a part that keeps still
        if reached < LEAST_SHARE * amplitude:
            return None
        half_s = _last_crossing_s(curve.times_s, course, HALF * reached, peak)
        if half_s is None:
            return None
        reached_s.append(half_s)
    return reached_s[0] - reached_s[1]


def _plateau_s(shares: Course, peak: int) -> float:
    """Return the time within 10 % of the apex, from it (first) until the expression has gone."""
    gone = np.flatnonzero(shares[peak:] < START_SHARE)
    lasting = shares[: peak + int(gone[0])] if len(gone) else shares
    return float(np.count_nonzero(lasting >= APEX_SHARE) - 1) / CURVE_HZ


def _part(movement: Floats, points: NDArray[np.intp]) -> Floats:
    return movement[:, np.concatenate((points, POINTS + points))]
