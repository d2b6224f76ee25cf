"""The motion stage: landmarks in, movement windows out. Owned by the vision thread."""

from __future__ import annotations

import numpy as np

from realtime.motion.basis import Basis
from realtime.motion.normalise import align
from realtime.motion.person import Known, Person, Population
from realtime.motion.ring import Ring
from realtime.motion.window import Timing, resample
from realtime.values import Face, Landmarks, Tick, Window

AWAY_S = 2.0  # a face away for longer may come back as another person
STRENGTH_S = 0.2  # the newest stretch of a window, which tells whether there is an expression now


class Motion:
    """Keeps the ring and the person; cuts a window of movement from them whenever it is asked."""

    def __init__(self, timing: Timing, population: Population, basis: Basis, known: Known | None = None) -> None:
        """`known` is of a person known beforehand and stays; without it the person is got to know while running."""
        self.timing = timing
        self.person = Person()
        self._population, self._basis, self._known = population, basis, known
        self._ring = Ring(timing.window_s)
        self._seen_s = float("inf")

    def see(self, landmarks: Landmarks) -> None:
        """Take in the landmarks of one frame."""
        if landmarks.captured_at_s - self._seen_s > AWAY_S:
            self.person.forget()
        self._seen_s = landmarks.captured_at_s
        shape = align(landmarks.points_px)
        self._ring.append(landmarks.captured_at_s, shape)
        self.person.see(landmarks.captured_at_s, shape)

    def window(self) -> tuple[Window, float] | None:
        """The newest window, at most `window_s` long, and how far from neutral the face is now (root mean square, ranges).

        None while there is less than `min_window_s` of it.
        """
        if len(self._ring) < 2:
            return None
        at_s, shapes = resample(*self._ring.arrays(), self.timing)
        if len(at_s) < self.timing.min_frames:
            return None
        profile = self._population.profile(shapes, self._known or self.person.known())
        movement = profile.movement(shapes)
        newest = movement[-max(1, round(STRENGTH_S * self.timing.rate_hz)) :]
        strength = float(np.sqrt(np.square(newest).mean()))
        return Window(self._basis.fold(movement), float(at_s[0]), float(at_s[-1])), strength


def tick_of(motion: Motion, frame: int, read_at_s: float, at_s: float, face: Face | None, seen: Landmarks | None) -> Tick:
    """What the newest frame gives recognition to judge: a window only where the frame shows a face."""
    found = motion.window() if seen is not None else None
    window, strength = found or (None, 0.0)
    quality = seen.quality if seen is not None else None
    return Tick(at_s, frame, read_at_s, face=face, quality=quality, window=window, strength=strength)
