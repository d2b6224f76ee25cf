"""Made-up people for tests: landmark tracks of felt and acted expressions that differ by a planted
amount and no more.

The face and its movements are drawn by hand after the action units of each emotion; no person was
measured. What felt and acted differ in is stated in standard deviations, so that what a learner can
reach at best is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip
from calibrate.data.dataset import APEX, ApexWindows, Dataset
from calibrate.data.tracks import Track
from calibrate.learning.population import population_range
from engines.model.shape import POINTS
from realtime.core.labels import FAKE, GENUINE
from realtime.core.messages import CROP_PX
from realtime.motion.basis import MIRROR

Array = NDArray[np.float64]
Moves = Sequence[
    tuple[Iterable[int], float, float]
]  # points of the right half, then how far they go, x and y in px

MOST = 6.0  # of `difference`: beyond it a movement could reach a clip's edge
WAVES, DEEP, LIT, NOISY = (
    5,
    12.0,
    6.0,
    6.0,
)  # of a patch across and down; their depths in grey levels, and the noise's

# The right half of the face with the midline, in px about the middle between the eyes, which are 80
# px apart.
RIGHT: dict[int, tuple[float, float]] = {
    **dict(enumerate([(-74, -18), (-62, -28), (-46, -30), (-30, -26), (-15, -19)])),  # brow
    **dict(enumerate([(0, 52), (-16, 60), (-8, 63), (0, 65)], start=10)),  # nose
    **dict(
        enumerate([(-55, 0), (-46, -5), (-34, -5), (-25, 1), (-34, 5), (-46, 5)], start=16)
    ),  # eye
    28: (-34, 88),  # mouth
    **dict(enumerate([(-9, 82), (0, 84)], start=29)),
    **dict(enumerate([(0, 104), (-9, 102)], start=34)),
    36: (-82, -10),  # midpoints
    38: (-42, 40),
}
BROW, INNER_BROW, OUTER_BROW, NOSTRILS = range(5), (3, 4), (0, 1), (10, 11, 12, 13)
UPPER_LID, LOWER_LID, CORNER, UPPER_LIP, LOWER_LIP, CHEEK = (
    (17, 18),
    (20, 21),
    (28,),
    (29, 30),
    (34, 35),
    (38,),
)
EMOTIONS: dict[str, Moves] = {
    "anger": (
        (BROW, 2, 4),
        (INNER_BROW, 4, 3),
        (UPPER_LID, 0, 1),
        (CORNER, 4, 0),
        (LOWER_LIP, 0, -4),
    ),
    "disgust": (
        (NOSTRILS, 0, -4),
        (UPPER_LIP, 0, -7),
        (BROW, 1, 3),
        (LOWER_LID, 0, -2),
        (CORNER, -2, -2),
    ),
    "fear": (
        (BROW, 1, -4),
        (INNER_BROW, 3, -4),
        (UPPER_LID, 0, -3),
        (CORNER, -6, 4),
        (LOWER_LIP, 0, 5),
    ),
    "happiness": (
        (CORNER, -10, -8),
        (CHEEK, -1, -3),
        (LOWER_LID, 0, -2),
        (UPPER_LIP, -1, -2),
        (LOWER_LIP, 0, 3),
    ),
    "sadness": (
        (INNER_BROW, 2, -6),
        (OUTER_BROW, 0, 2),
        (CORNER, -1, 7),
        (LOWER_LIP, 0, -2),
        (UPPER_LID, 0, 1),
    ),
    "surprise": ((BROW, 0, -10), (UPPER_LID, 0, -3), (CORNER, 4, 4), (LOWER_LIP, 0, 15)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Someone's own face (40, 2) in px, how far its points move against the usual (40, 2), and its
    `look` (24, 24).
    """

    name: str
    gender: str
    face: Array
    lively: Array
    look: Array


@dataclass(frozen=True, slots=True)
class Movement:
    """Neutral -> onset -> apex -> offset; the livelier half of the face goes further by the share
    `lopsided`.
    """

    onset_s: float
    apex_s: float
    offset_s: float
    strength: float
    lopsided: float  # positive: the right half is the livelier one

    def course(self, at_s: Array) -> Array:
        """Return the progress (n,), 0 to `strength`, at times relative to the apex's middle."""
        after_s = at_s - self.apex_s / 2
        before_s = at_s + self.apex_s / 2 + self.onset_s
        return self.strength * (_eased(before_s / self.onset_s) - _eased(after_s / self.offset_s))


def simulate(
    people: int,
    clips_each: int,
    seed: int,
    difference: float = 1.0,
    emotions: Sequence[str] = tuple(EMOTIONS),
) -> list[Track]:
    """Tracks of `people`, each in `clips_each` clips that go round `emotions` felt, then round them
    acted, and so on.

    `difference` (0 to 6) is how many standard deviations between clips lie between the means of
    felt and acted, in each of three: the acted onset is faster, the acted apex longer, the acted
    movement more lopsided. With the same seed, tracks of another difference are the same frame by
    frame outside their movements. Raises ValueError beyond 6.
    """
    if not 0 <= difference <= MOST:
        raise ValueError(f"difference is {difference}; want 0 to {MOST:g} standard deviations")
    return [
        _track(person, number, np.random.default_rng((seed, i, number)), difference, emotions)
        for i, person in enumerate(
            _person(i, np.random.default_rng((seed, i))) for i in range(people)
        )
        for number in range(clips_each)
    ]


def windows_of(data: Dataset, part: str = APEX) -> ApexWindows:
    """Return windows of `data` in the movement range of everyone in it."""
    return data.windows(population_range(data.stats_by_person().values()), part)


def _person(number: int, rng: np.random.Generator) -> Person:
    face = FACE + rng.normal(0, 1.5, FACE.shape)
    lively = rng.lognormal(0, 0.25) * rng.lognormal(0, 0.15, FACE.shape)
    return Person(str(number + 1), "FM"[number % 2], face, lively, _smooth(DEEP, rng))


def _track(
    person: Person,
    number: int,
    rng: np.random.Generator,
    difference: float,
    emotions: Sequence[str],
) -> Track:
    emotion = emotions[number % len(emotions)]
    label = (GENUINE, FAKE)[number // len(emotions) % 2]
    before_s, after_s = rng.uniform(
        2.0, 2.6, 2
    )  # of the apex's middle: enough for the longest movement there is
    times_s = _times_s(before_s + after_s, rng)
    movement = _movement((difference if label == GENUINE else -difference) / 2, rng)
    course = movement.course(times_s - before_s)[:, None, None]
    gain = person.lively * (
        1 - movement.lopsided * np.sign(FACE[:, :1])
    )  # x is below 0 on the right half
    points = _posed(person.face + course * gain * DIRECTIONS[emotion], times_s, rng)
    points += rng.normal(0, 0.4, points.shape)  # what a landmark detector jitters by
    name = f"{person.name}_{emotion}_{number}"
    clip = Clip(name, Path(), person.name, emotion, label, person.gender)
    return Track(
        clip, times_s, points.astype(np.float32), len(times_s), _patches(person, len(times_s), rng)
    )


def _patches(person: Person, frames: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How someone looks in the frames of a clip (n, 24, 24): each clip has its own light, each
    frame its own noise.
    """
    lit = 128 + person.look + _smooth(LIT, rng)
    return np.clip(lit + rng.normal(0, NOISY, (frames, *lit.shape)), 0, 255).astype(np.uint8)


def _smooth(depth: float, rng: np.random.Generator) -> Array:
    """Slow random waves across and down a patch (24, 24), that go about as deep each."""
    waves = np.cos(np.pi * np.outer(np.arange(CROP_PX) + 0.5, np.arange(WAVES)) / CROP_PX)
    return np.asarray(waves @ rng.normal(0, depth, (WAVES, WAVES)) @ waves.T)


def _movement(felt: float, rng: np.random.Generator) -> Movement:
    """One movement; `felt` is by how many standard deviations it leans to what is felt (below 0: to
    what is acted).
    """
    onset, apex, offset, strength, lopsided = np.clip(rng.normal(0, 1, 5), -2, 2)
    return Movement(
        onset_s=0.5 * np.exp(0.25 * (onset + felt)),
        apex_s=0.5 * np.exp(0.25 * (apex - felt)),
        offset_s=0.7 * np.exp(0.2 * offset),
        strength=np.exp(0.2 * strength),
        lopsided=0.15 * np.exp(0.35 * (lopsided - felt)) * rng.choice((-1, 1)),
    )


def _times_s(seconds: float, rng: np.random.Generator) -> Array:
    """Times (n,) of frames as a webcam gives them: 24 to 30 a second, none like the other."""
    apart_s = rng.uniform(0.9, 1.1, 200) / rng.uniform(24, 30)
    at_s = np.concatenate(([0.0], np.cumsum(apart_s)))
    return at_s[at_s <= seconds]


def _posed(face: Array, times_s: Array, rng: np.random.Generator) -> Array:
    """Points (n, 40, 2) of a head that sways, tilts and comes nearer while it moves, somewhere in
    the picture.
    """
    sway_x, sway_y, tilt, nearer = (
        size * np.sin(2 * np.pi * (rng.uniform(0.1, 0.4) * times_s + rng.uniform()))
        for size in (6, 4, 0.04, 0.03)
    )
    tilt, scale = tilt + rng.normal(0, 0.05), rng.uniform(0.8, 1.3) * (1 + nearer)
    turn = np.stack((np.cos(tilt), np.sin(tilt), -np.sin(tilt), np.cos(tilt)), axis=1).reshape(
        -1, 2, 2
    )
    place = rng.uniform((280, 150), (360, 210)) + np.stack((sway_x, sway_y), axis=1)
    posed: Array = scale[:, None, None] * face @ turn + place[:, None]
    return posed


def _eased(share: Array) -> Array:
    eased: Array = (1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2
    return eased


def _both_halves(right: Array) -> Array:
    """Places or movements (40, 2) of the whole face, from its right half."""
    whole = right.copy()
    known = list(RIGHT)
    whole[MIRROR[known]] = right[known] * (-1, 1)
    whole[known] = right[known]
    return whole


def _drawn(moves: Moves) -> Array:
    right = np.zeros((POINTS, 2))
    for points, x, y in moves:
        right[list(points)] += (x, y)
    right[np.arange(POINTS) == MIRROR, 0] = 0  # the midline moves up and down alone
    return _both_halves(right)


FACE = _drawn([((point,), x, y) for point, (x, y) in RIGHT.items()])
DIRECTIONS = {emotion: _drawn(moves) for emotion, moves in EMOTIONS.items()}
