"""The motion stage: landmarks in, movement windows out. Owned by the vision thread."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Face, Floats, Image, Landmarks, Tick, Window
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.resample import WindowTiming, resample_shapes
from realtime.motion.shape_buffer import GAP_S, ShapeBuffer
from realtime.person.cut_detector import CutDetector
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds, PersonTracker

AWAY_S = 2.0  # after a longer absence the next face may be another person
INTENSITY_S = 0.5  # longer than a blink


class MotionStage:
    """Hold the shape buffer and the person tracker, and return movement windows."""

    def __init__(
        self,
        timing: WindowTiming,
        population: Population,
        basis: MovementBasis,
        fixed_stats: PersonStats | None = None,
        *,
        thresholds: ExpressionThresholds | None = None,
        expected_stats: PersonStats | None = None,
    ) -> None:
        """Enrol the person online from `expected_stats`; `fixed_stats` replace enrolment."""
        self.timing = timing
        self.person = PersonTracker(timing.window_s, population, thresholds, expected_stats)
        self._population, self._basis, self._known = population, basis, fixed_stats
        self._shapes = ShapeBuffer(timing.window_s)
        self._cuts = CutDetector(population.geometry) if population.geometry else None
        self._last_s = float("inf")
        self._newest: tuple[Floats, Image | None] | None = None

    def add(self, landmarks: Landmarks, clear: bool = True) -> None:
        """Add the landmarks of one frame; a poor view adds neither movement nor neutral."""
        away_s, self._last_s = landmarks.captured_at_s - self._last_s, landmarks.captured_at_s
        if away_s > AWAY_S:
            self.person.depart()
        shape = align_to_eyes(landmarks.points_px) if clear else None
        if away_s > GAP_S or shape is None or self._cut(shape, landmarks.crop):
            self._shapes.clear()
            self.person.interrupt()
        self._newest = None if shape is None else (shape, landmarks.crop)
        if shape is not None:
            self._shapes.append(landmarks.captured_at_s, shape)
            self.person.add(landmarks.captured_at_s, shape, landmarks.crop)

    def _cut(self, shape: Floats, crop: Image | None) -> bool:
        """Return whether there is a shot cut. Both detectors run, so that both learn the jitter."""
        if self._cuts is None or self._newest is None:
            return False
        before, seen = self._newest
        return any([self._cuts.is_cut(before, shape), self._cuts.is_crop_cut(seen, crop)])

    def window(self) -> tuple[Window, float] | None:
        """Return the newest window and its intensity, or None below `min_window_s`."""
        if len(self._shapes) < 2:
            return None
        at_s, shapes = resample_shapes(*self._shapes.arrays(), self.timing)
        if len(at_s) < self.timing.min_frames:
            return None
        intensity, number = self._intensity(shapes), self.person.person_id
        self.person.set_intensity(intensity)
        # The intensity above was relative to the previous person's neutral.
        if self.person.person_id != number:
            intensity = self._intensity(shapes)
        profile = self._population.profile_of(shapes, self._known or self.person.stats())
        window = Window(
            self._basis.encode(profile.movement(shapes)), float(at_s[0]), float(at_s[-1])
        )
        return window, intensity

    def _intensity(self, shapes: Floats) -> float:
        return movement_intensity(
            shapes, self._neutral(), self._population.movement_range, self.timing.rate_hz
        )

    def _neutral(self) -> Floats | None:
        """Return the neutral for intensity: for an unknown person the stream's, not the
        population's guess.
        """
        known = self._known or (self.person.stats() if self.person.is_expected else None)
        return known.neutral if known else self.person.neutral()


def movement_intensity(
    shapes: Floats, neutral: Floats | None, movement_range: Floats, rate_hz: float
) -> float:
    """Return the median distance from neutral over the last half second, in movement ranges."""
    newest = shapes[-max(1, round(INTENSITY_S * rate_hz)) :]
    away = newest - (neutral if neutral is not None else newest.mean(axis=0))
    return float(np.median(np.sqrt(np.square(away / movement_range).mean(axis=1))))


def make_tick(
    motion: MotionStage,
    frame: int,
    read_at_s: float,
    at_s: float,
    face: Face | None,
    seen: Landmarks | None,
) -> Tick:
    """Return the tick of the newest frame; it has a window only where the frame shows a face."""
    found = motion.window() if seen is not None else None
    window, intensity = found or (None, 0.0)
    quality = seen.quality if seen is not None else None
    return Tick(
        at_s,
        frame,
        read_at_s,
        face=face,
        quality=quality,
        window=window,
        intensity=intensity,
        person=motion.person.status,
        points_px=seen.points_px if seen is not None else None,
    )
