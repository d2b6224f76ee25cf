"""Gauge of the packaged bundle on synthetic faces, frame by frame; only frames move the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from synthetic import DIRECTIONS

from engines.bundle.bundle import Bundle
from engines.model.shape import LANDMARKS, POINTS
from realtime.core.labels import ANY
from realtime.core.messages import BoxSource, Face, Floats, Frame, Landmarks, Tick, ViewQuality
from realtime.person.descriptor_source import Described
from realtime.person.face_network import DESCRIPTOR
from realtime.person.face_watch import FaceWatch
from realtime.person.saved_profile import SavedPerson
from realtime.person.tracker import PersonTracker
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.verdict.reading import Reading

INTEROCULAR_PX = 100.0
MIDDLE_PX = 320.0  # of the picture, across and down
JITTER = 0.002  # standard deviation of a landmark, in interocular distances
FACE = Face((200, 100, 240, 240), 100.0, BoxSource.MOSSE)
NO_IMAGE = np.zeros((1, 1, 3), np.uint8)
CLEAR, DARK = ViewQuality(1000, 128, 0), ViewQuality(1000, 5, 0)
PARTS = (
    range(5),
    range(5, 10),
    range(10, 16),
    range(28, 36),
    range(36, 40),
)  # brows, nose, mouth, midpoints
APEX_INTENSITY = 2.0  # of an expression, in movement ranges
ONSET_S = 0.3  # from neutral to apex, and back
SAVED_EXPRESSIONS = 10  # behind a saved profile
CONFIRMING_EXPRESSIONS = 6  # after which an expected person is confirmed


class SyntheticFace:
    """`neutral` and `apex` (D,): the population's neutral with shifted parts, and an expression.

    D is the width of the bundle's shapes; an appearance stays as it is in the population's neutral.
    `seed` None is that neutral itself. `descriptor` (128,) identifies the person.
    """

    made: ClassVar[list[SyntheticFace]] = []

    def __init__(self, bundle: Bundle, seed: int | None = None, emotion: str = "happiness") -> None:
        population, rng = stages.population(bundle), np.random.default_rng(seed)
        self.descriptor = descriptor_of(seed or 0)
        self.neutral = population.neutral.copy()
        if seed is not None:
            self.neutral[:LANDMARKS] += _shape(sum(_shifted(part, rng) for part in PARTS))
        movement = _shape(DIRECTIONS[emotion])
        moved = movement / population.movement_range[:LANDMARKS]
        self.apex = self.neutral.copy()
        self.apex[:LANDMARKS] += movement * (APEX_INTENSITY / np.sqrt(np.square(moved).mean()))
        self.made.append(self)

    def distance(self, shape: Floats) -> float:
        """Return how far `shape` (D,) is from every shape between neutral and apex."""
        way = self.apex - self.neutral
        share = np.clip((shape - self.neutral) @ way / (way @ way), 0, 1)
        return float(np.linalg.norm(shape - self.neutral - share * way))

    def partway(self, share: float) -> Floats:
        """Return the shape at `share` of the way from neutral to apex."""
        return np.asarray(self.neutral + share * (self.apex - self.neutral), np.float32)


class FaceScript:
    """Script of a face, frame by frame."""

    def __init__(self, hz: float = 30.0) -> None:
        self.step_s = 1 / hz

    def add_frame(self, shape: Floats) -> None:
        """Add one frame of the face."""
        raise NotImplementedError

    def hold(self, shape: Floats, seconds: float) -> None:
        """Show one shape for `seconds`."""
        for _ in range(round(seconds / self.step_s)):
            self.add_frame(shape)

    def show_neutral(self, face: SyntheticFace, seconds: float = 1.0) -> None:
        """Show the neutral face."""
        self.hold(face.neutral, seconds)

    def show_expression(self, face: SyntheticFace, seconds: float = 1.0) -> None:
        """Show a second of neutral, the expression held for `seconds`, and neutral again."""
        self.show_neutral(face)
        self.show_onset(face)
        self.hold(face.apex, seconds)
        for share in self._shares():
            self.add_frame(face.partway(1 - share))
        self.show_neutral(face)

    def show_onset(self, face: SyntheticFace) -> None:
        """Show the onset of the expression, from neutral to apex."""
        for share in self._shares():
            self.add_frame(face.partway(share))

    def _shares(self) -> Iterator[float]:
        count = max(1, round(ONSET_S / self.step_s))
        return (number / count for number in range(1, count + 1))


@dataclass(frozen=True, slots=True)
class TickReading:
    """A tick and its reading."""

    tick: Tick
    reading: Reading


class GaugeSession(FaceScript):
    """A run of the gauge without threads: every frame goes through it, every tick is read."""

    def __init__(self, bundle: Bundle, saved: SavedPerson | None = None, hz: float = 30.0) -> None:
        super().__init__(hz)
        self._gauge = GaugeSpec.of(bundle, ANY, "native", saved).load(reader=self)
        self.motion, self.judge = self._gauge.motion, self._gauge.judge
        self._gauge.watch, self.describable = FaceWatch(self), True
        self._descriptor, self._described = descriptor_of(0), list[Described]()
        self.now_s, self.readings = 0.0, list[TickReading]()
        self._landmarks, self._frames = JitteredLandmarks(), 0
        self._newest: tuple[Face, Landmarks] | tuple[None, None] = None, None

    @property
    def person(self) -> PersonTracker:
        """Tracker of the person."""
        return self.motion.person

    def person_and_bias(self) -> tuple[PersonTracker, tuple[float, float]]:
        """Return the tracker and the confirmed bias, as `Pipeline.person_and_bias` does."""
        return self.person, self.judge.confirmed_bias

    def add_frame(self, shape: Floats, quality: ViewQuality = CLEAR) -> None:
        points_px, at_s = self._landmarks.points_px(shape), self.now_s + self.step_s
        self._descriptor = min(SyntheticFace.made, key=lambda one: one.distance(shape)).descriptor
        looks = appearance_of(shape)
        self._newest = (FACE, Landmarks(points_px, at_s, self._frames, quality, appearance=looks))
        self._step()

    def read(self, frame: Frame) -> tuple[Face, Landmarks] | tuple[None, None]:
        """Return the scripted face, in place of a `FaceReader`."""
        return self._newest

    def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
        """Describe the scripted face, in place of a network; not while it is not `describable`."""
        if self.describable:
            self._described.append(Described(self._descriptor, stretch))
        return "" if self.describable else "not describable"

    def take(self) -> list[Described]:
        """Return what has been described."""
        described, self._described = self._described, []
        return described

    def pause(self, seconds: float = 0.5) -> None:
        """Let time pass without a frame."""
        self.now_s += seconds

    def lose_face(self, seconds: float = 0.5) -> None:
        """Add frames without a face."""
        self._newest = None, None
        for _ in range(round(seconds / self.step_s)):
            self._step()

    def readings_after(self, at_s: float) -> list[TickReading]:
        """Return the ticks after a time, with their readings."""
        return [one for one in self.readings if one.tick.at_s > at_s]

    def _step(self) -> None:
        self.now_s += self.step_s
        tick = self._gauge.step(Frame(self._frames, self.now_s, self.now_s, NO_IMAGE)).tick
        self._frames += 1
        if tick is not None:
            self.readings.append(TickReading(tick, self._gauge.read(tick)))


def descriptor_of(seed: int) -> Floats:
    """Return the descriptor (128,) of a person; two are 0.85 apart."""
    direction = np.random.default_rng(seed).normal(0, 1, DESCRIPTOR)
    return np.asarray(0.6 * direction / np.linalg.norm(direction), np.float32)


def scored(readings: list[TickReading]) -> list[TickReading]:
    """Return the readings with a score or a probability."""
    return [
        one
        for one in readings
        if one.reading.score is not None or one.reading.p_genuine is not None
    ]


def confirmed_expressions(session: GaugeSession) -> float:
    """Return the expressions in the confirmed stats; 0 without them."""
    stats = session.person.confirmed_stats
    return stats.expressions if stats is not None else 0.0


class RecordedLandmarks(FaceScript):
    """Landmarks of a whole script, given out frame by frame in place of a `FaceReader`."""

    def __init__(self) -> None:
        super().__init__()
        self.points_px: list[Floats] = []
        self._appearances: list[Floats | None] = []
        self._landmarks = JitteredLandmarks()

    def add_frame(self, shape: Floats) -> None:
        self.points_px.append(self._landmarks.points_px(shape))
        self._appearances.append(appearance_of(shape))

    def warm_up(self) -> None:
        """Do nothing: there is no model to load."""

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        """Return the recorded landmarks of `frame`."""
        points_px, looks = self.points_px[frame.index], self._appearances[frame.index]
        return FACE, Landmarks(points_px, frame.captured_at_s, frame.index, CLEAR, appearance=looks)


class JitteredLandmarks:
    """Landmarks in px with the jitter of a real detector, from shapes in eye coordinates."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def points_px(self, shape: Floats) -> Floats:
        """Return the points (40, 2) of one frame for a shape (D,)."""
        jittered = shape[:LANDMARKS].reshape(2, POINTS).T + self._rng.normal(0, JITTER, (POINTS, 2))
        return np.asarray(jittered * INTEROCULAR_PX + MIDDLE_PX, np.float32)


def appearance_of(shape: Floats) -> Floats | None:
    """Return the appearance in a shape (D,); None in one of landmarks alone."""
    return shape[LANDMARKS:] if len(shape) > LANDMARKS else None


def _shifted(part: range, rng: np.random.Generator) -> Floats:
    points = np.zeros((POINTS, 2))
    points[part] = rng.normal(0, 0.06, 2)
    return points


def _shape(points: Floats) -> Floats:
    """Return points (40, 2) as 40 x, then 40 y."""
    return np.asarray(points.T.reshape(-1), np.float32)
