"""A person in front of the tracker, on a manual clock."""

from __future__ import annotations

import numpy as np
from populations import plain_population
from stages import descriptor_of

from realtime.person.known_face import KnownFace
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpectedPerson, ExpressionThresholds, PersonTracker

WINDOW_S = 1.6
RNG = np.random.default_rng(5)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
OTHER = (OWN + RNG.normal(0, 0.3, 80)).astype(np.float32)
SMILE = np.zeros(80, np.float32)
SMILE[60:] = 0.3
THRESHOLDS = ExpressionThresholds(onset=1.0, offset=0.5)
ANNA, BERT, CARA = (descriptor_of(seed) for seed in (1, 2, 3))
ANNA_SAVED = KnownFace(ANNA, 10)
NOISE = RNG.bit_generator.state


def noisy(descriptor: np.ndarray, noise: float) -> np.ndarray:
    return (descriptor + RNG.normal(0, noise, len(descriptor))).astype(np.float32)


class TrackedPerson:
    """A tracker on a manual clock; it sets the intensity every 0.2 s, as the motion stage does.

    The face shown is described every 0.2 s; not while `descriptor` is None.
    """

    def __init__(
        self,
        saved: PersonStats | None = None,
        face: KnownFace | None = None,
        descriptor: np.ndarray | None = ANNA,
    ) -> None:
        RNG.bit_generator.state = NOISE  # the same for every test, whichever ran before
        expected = ExpectedPerson(saved, face) if saved else None
        self.person = PersonTracker(WINDOW_S, plain_population(), THRESHOLDS, expected)
        self.now_s, self.descriptor, self.noise = 0.0, descriptor, 0.02

    def show(
        self, shape: np.ndarray, seconds: float, intensity: float = 0.0, hz: float = 30
    ) -> None:
        for i in range(round(seconds * hz)):
            self.person.add(self.now_s, (shape + RNG.normal(0, 0.003, 80)).astype(np.float32))
            self.now_s += 1 / hz
            if i % (hz // 5) == hz // 5 - 1:
                self.describe()
                self.person.set_intensity(intensity)

    def describe(self) -> bool:
        if self.descriptor is None:
            return False
        return self.person.recognise(noisy(self.descriptor, self.noise))

    def expression(self, face: np.ndarray = OWN) -> None:
        self.show(face, 1.0)
        self.show(face + SMILE, 1.0, intensity=2.0)
        self.show(face, 1.0)

    def interrupt(self, descriptor: np.ndarray | None = ANNA) -> None:
        """Lose the face for half a second; `descriptor` is that of the face that follows."""
        self.now_s += 0.5
        self.person.interrupt()
        self.descriptor = descriptor


def neutral_of(person: PersonTracker) -> np.ndarray:
    neutral = person.neutral()
    assert neutral is not None
    return neutral


def stats_of(person: PersonTracker) -> PersonStats:
    stats = person.stats()
    assert stats is not None
    return stats


def saved_stats(face: np.ndarray = OWN, clips: float = 10.0) -> PersonStats:
    return PersonStats(clips, face, np.full(80, 0.01, np.float32), clips)
