"""The motion stage: landmarks in, movement windows out. Owned by the vision thread."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Face, Floats, Image, Landmarks, Tick, Window
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.resample import WindowTiming, resample
from realtime.motion.shape_buffer import GAP_S, ShapeBuffer
from realtime.person.cut_detector import CutDetector
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds, PersonTracker

AWAY_S = 2.0  # a face away for longer may come back as another person
STRENGTH_S = 0.5  # the newest stretch of a window, whose middle tells whether there is an expression now: no blink does


class MotionStage:
    """Keeps the ring and the person; cuts a window of movement from them whenever it is asked."""

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
        """`known` is of a person known beforehand and stays; without it the person is got to know while running.

        `beforehand` is where that begins, and `limits` say when an expression begins and ends.
        """
        self.timing = timing
        self.person = PersonTracker(timing.window_s, population, thresholds, expected_stats)
        self._population, self._basis, self._known = population, basis, fixed_stats
        self._ring = ShapeBuffer(timing.window_s)
        self._cuts = CutDetector(population.geometry) if population.geometry else None
        self._seen_s = float("inf")
        self._newest: tuple[Floats, Image | None] | None = None

    def add(self, landmarks: Landmarks, clear: bool = True) -> None:
        """Take in the landmarks of one frame. Out of a poor view comes neither movement nor a face at rest."""
        away_s, self._seen_s = landmarks.captured_at_s - self._seen_s, landmarks.captured_at_s
        if away_s > AWAY_S:
            self.person.depart()
        shape = align_to_eyes(landmarks.points_px) if clear else None
        if away_s > GAP_S or shape is None or self._cut(shape, landmarks.crop):
            self._ring.clear()
            self.person.interrupt()
        self._newest = None if shape is None else (shape, landmarks.crop)
        if shape is not None:
            self._ring.append(landmarks.captured_at_s, shape)
            self.person.add(landmarks.captured_at_s, shape, landmarks.crop)

    def _cut(self, shape: Floats, patch: Image | None) -> bool:
        """Whether another face stands where one stood a frame ago. Both are asked: each learns how much is usual."""
        if self._cuts is None or self._newest is None:
            return False
        before, seen = self._newest
        return any([self._cuts.is_cut(before, shape), self._cuts.is_crop_cut(seen, patch)])

    def window(self) -> tuple[Window, float] | None:
        """The newest window, at most `window_s` long, and the strength of its movement now (see `strength`).

        None while there is less than `min_window_s` of it.
        """
        if len(self._ring) < 2:
            return None
        at_s, shapes = resample(*self._ring.arrays(), self.timing)
        if len(at_s) < self.timing.min_frames:
            return None
        strong, number = self._strength(shapes), self.person.person_id
        self.person.set_intensity(strong)
        if self.person.person_id != number:  # that was how far from the rest of somebody else
            strong = self._strength(shapes)
        profile = self._population.profile_of(shapes, self._known or self.person.stats())
        window = Window(
            self._basis.encode(profile.movement(shapes)), float(at_s[0]), float(at_s[-1])
        )
        return window, strong

    def _strength(self, shapes: Floats) -> float:
        return movement_intensity(
            shapes, self._rest(), self._population.movement_range, self.timing.rate_hz
        )

    def _rest(self) -> Floats | None:
        """A stranger's face at rest is what was seen here, however little: the population's guess says less."""
        known = self._known or (self.person.stats() if self.person.is_expected else None)
        return known.neutral if known else self.person.neutral()


def movement_intensity(
    shapes: Floats, rest: Floats | None, movement_range: Floats, rate_hz: float
) -> float:
    """How far from `rest` (80,) the newest of `shapes` (T, 80) are, in usual ranges: the last half second's median."""
    newest = shapes[-max(1, round(STRENGTH_S * rate_hz)) :]
    away = newest - (rest if rest is not None else newest.mean(axis=0))
    return float(np.median(np.sqrt(np.square(away / movement_range).mean(axis=1))))


def make_tick(
    motion: MotionStage,
    frame: int,
    read_at_s: float,
    at_s: float,
    face: Face | None,
    seen: Landmarks | None,
) -> Tick:
    """What the newest frame gives recognition to judge: a window only where the frame shows a face."""
    found = motion.window() if seen is not None else None
    window, strong = found or (None, 0.0)
    quality = seen.quality if seen is not None else None
    return Tick(
        at_s,
        frame,
        read_at_s,
        face=face,
        quality=quality,
        window=window,
        intensity=strong,
        person=motion.person.status,
    )
