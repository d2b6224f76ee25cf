"""Meter of the current expression's onset, as it happens. Owned by the vision thread."""

from __future__ import annotations

from collections import deque

import numpy as np

from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats, Onset
from realtime.motion.onset_curve import MEDIAN_S, MovementCurve, measure_onset
from realtime.motion.shape_buffer import ShapeBuffer
from realtime.person.tracker import MAX_EXPRESSION_S, ExpressionThresholds

SPAN_S = MAX_EXPRESSION_S + 2.0  # the longest expression, and rest before it
LEAST_STEP_S = 0.012  # between shapes; more of them cost time and change nothing


class OnsetMeter:
    """Hold the last seconds of the landmarks' shapes, and measure the onset in them.

    Measures need 0.2 s after a moment, the half of a median: they are that much behind.
    """

    def __init__(self, thresholds: ExpressionThresholds | None) -> None:
        """Take for an expression what the gate takes for one; without `thresholds` nothing is."""
        self._thresholds = thresholds or ExpressionThresholds()
        self._shapes = ShapeBuffer(SPAN_S)
        self._sure: deque[tuple[float, bool]] = deque()  # since when an expression is sure, or not
        self._last_s = -np.inf

    @property
    def empty(self) -> bool:
        """Whether no shape is held."""
        return not len(self._shapes)

    def append(self, at_s: float, shape: Floats, sure: bool = False) -> None:
        """Add the shape (D,) of a frame, and whether it is `sure` to show an expression.

        After a gap only what follows counts.
        """
        if at_s - self._last_s >= LEAST_STEP_S:
            self._shapes.append(at_s, shape[:LANDMARKS])
            self._last_s = at_s
            if not self._sure or self._sure[-1][1] != sure:
                self._sure.append((at_s, sure))
            while len(self._sure) > 1 and self._sure[1][0] < at_s - SPAN_S:
                self._sure.popleft()

    def sure_at(self, at_s: float) -> bool:
        """Return whether the face was sure to show an expression at `at_s`."""
        until = [sure for since_s, sure in self._sure if since_s <= at_s]
        return bool(until) and until[-1]

    def clear(self) -> None:
        """Begin again: what was seen so far was interrupted, or another face."""
        self._shapes.clear()
        self._sure.clear()
        self._last_s = -np.inf

    def measure(self, neutral: Floats | None, movement_range: Floats) -> Onset | None:
        """Return the onset of the expression that is there now.

        None without one, and where it began before the first shape that is held.
        """
        if neutral is None or not len(self._shapes):
            return None
        curve = MovementCurve.of(*self._shapes.arrays(), neutral[:LANDMARKS], movement_range)
        known = curve.until(float(curve.times_s[-1]) - MEDIAN_S / 2)
        peak = self._peak(known.intensity)
        return None if peak is None else measure_onset(known, peak)

    def _peak(self, intensity: np.ndarray) -> int | None:
        """Return the frame of the current expression's largest intensity; None without one."""
        quiet = np.flatnonzero(intensity < self._thresholds.offset)
        begin = int(quiet[-1]) + 1 if len(quiet) else 0
        if begin == len(intensity):
            return None
        peak = begin + int(np.argmax(intensity[begin:]))
        return peak if intensity[peak] >= self._thresholds.onset else None
