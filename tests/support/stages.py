"""Motion stage and judge of the packaged bundle on synthetic faces; only frames move the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from synthetic import DIRECTIONS

from engines.bundle.bundle import Bundle
from engines.model.shape import POINTS
from realtime.core.labels import ANY
from realtime.core.messages import BoxSource, Face, Floats, Frame, Landmarks, Tick, ViewQuality
from realtime.person.saved_profile import SavedPerson
from realtime.person.tracker import PersonTracker
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.verdict.reading import Reading

EYES_PX = 100.0  # between them
MIDDLE_PX = 320.0
TREMBLING = 0.002  # of the points, in distances of the eyes
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
STRONG = 2.0  # of an expression, in usual ranges
THERE_S = 0.3  # from rest to an expression, and back


class Look:
    """Synthetic face: the population's neutral with shifted parts, and its expression."""

    def __init__(self, bundle: Bundle, seed: int | None = None, emotion: str = "happiness") -> None:
        people, rng = stages.population(bundle), np.random.default_rng(seed)
        self.rest = people.neutral.copy()
        if seed is not None:
            self.rest += _shape(sum(_elsewhere(part, rng) for part in PARTS))
        moved = _shape(DIRECTIONS[emotion])
        usual = np.sqrt(np.square(moved / people.movement_range).mean())
        self.shown = np.asarray(self.rest + moved * (STRONG / usual), np.float32)

    def on_the_way(self, share: float) -> Floats:
        """The face so far on the way from rest to its expression."""
        return np.asarray(self.rest + share * (self.shown - self.rest), np.float32)


class Actor:
    """Somebody who does as they are told, frame by frame."""

    def __init__(self, hz: float = 30.0) -> None:
        self.step_s = 1 / hz

    def see(self, shape: Floats) -> None:
        """One frame of the face, as the gauge will see it."""
        raise NotImplementedError

    def shows(self, shape: Floats, seconds: float) -> None:
        """A face that holds still."""
        for _ in range(round(seconds / self.step_s)):
            self.see(shape)

    def rests(self, look: Look, seconds: float = 1.0) -> None:
        """No expression."""
        self.shows(look.rest, seconds)

    def expresses(self, look: Look, seconds: float = 1.0) -> None:
        """Show a second of neutral, an expression held for so long, and a second of neutral."""
        self.rests(look)
        self.begins(look)
        self.shows(look.shown, seconds)
        for share in self._shares():
            self.see(look.on_the_way(1 - share))
        self.rests(look)

    def begins(self, look: Look) -> None:
        """From rest to an expression."""
        for share in self._shares():
            self.see(look.on_the_way(share))

    def _shares(self) -> Iterator[float]:
        count = max(1, round(THERE_S / self.step_s))
        return (number / count for number in range(1, count + 1))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tick gave."""

    tick: Tick
    reading: Reading


class Sitting(Actor):
    """A session: every frame goes through motion, every stride through the judge."""

    def __init__(self, bundle: Bundle, saved: SavedPerson | None = None, hz: float = 30.0) -> None:
        super().__init__(hz)
        self._gauge = GaugeSpec.of(bundle, ANY, "native", saved).load(reader=self)
        self.motion, self.judge = self._gauge.motion, self._gauge.judge
        self.now_s, self.seen = 0.0, list[Seen]()
        self._points, self._frames = Trembling(), 0
        self._newest: tuple[Face, Landmarks] | tuple[None, None] = None, None

    @property
    def person(self) -> PersonTracker:
        """Who is followed."""
        return self.motion.person

    def person_and_bias(self) -> tuple[PersonTracker, tuple[float, float]]:
        """Return the tracker and the confirmed bias, as `Pipeline.person_and_bias` does."""
        return self.person, self.judge.confirmed_bias

    def see(self, shape: Floats, quality: ViewQuality = CLEAR) -> None:
        """One frame, and a tick where one is due."""
        points, at_s = self._points.of(shape), self.now_s + self.step_s
        self._newest = FACE, Landmarks(points, at_s, self._frames, quality)
        self._step()

    def read(self, frame: Frame) -> tuple[Face, Landmarks] | tuple[None, None]:
        """Return the scripted face, in place of a `FaceReader`."""
        return self._newest

    def _step(self) -> None:
        self.now_s += self.step_s
        tick = self._gauge.step(Frame(self._frames, self.now_s, self.now_s, NO_IMAGE)).tick
        self._frames += 1
        if tick is not None:
            self.seen.append(Seen(tick, self._gauge.read(tick)))

    def looks_away(self, seconds: float = 0.5) -> None:
        """No frame shows the face."""
        self.now_s += seconds

    def loses_face(self, seconds: float = 0.5) -> None:
        """Frames come, and in none is a face."""
        self._newest = None, None
        for _ in range(round(seconds / self.step_s)):
            self._step()

    def since(self, at_s: float) -> list[Seen]:
        """The ticks after a time."""
        return [seen for seen in self.seen if seen.tick.at_s > at_s]


class Film(Actor):
    """Recorded landmarks of every frame, in place of a face reader."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[Floats] = []
        self._points = Trembling()

    def see(self, shape: Floats) -> None:
        self.points.append(self._points.of(shape))

    def warm_up(self) -> None:
        """Do nothing: there is no model to load."""

    def read(self, frame: Frame) -> tuple[Face, Landmarks]:
        """Return the filmed landmarks of `frame`, in place of a `FaceReader`."""
        return FACE, Landmarks(self.points[frame.index], frame.captured_at_s, frame.index, CLEAR)


class Trembling:
    """From eye coordinates (80,) to points (40, 2) in px that tremble as those of a camera do."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def of(self, shape: Floats) -> Floats:
        """The points of one frame."""
        trembled = shape.reshape(2, POINTS).T + self._rng.normal(0, TREMBLING, (POINTS, 2))
        return np.asarray(trembled * EYES_PX + MIDDLE_PX, np.float32)


def _elsewhere(part: range, rng: np.random.Generator) -> Floats:
    moved = np.zeros((POINTS, 2))
    moved[part] = rng.normal(0, 0.06, 2)
    return moved


def _shape(points: Floats) -> Floats:
    """Points (40, 2) as 40 x, then 40 y."""
    return np.asarray(points.T.reshape(-1), np.float32)
