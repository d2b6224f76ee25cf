"""Synthetic people for tests: landmark tracks of genuine and fake expressions.

The face and its movements follow the action units of each emotion; no person was measured.
Genuine and fake differ by a given number of standard deviations and in nothing else, so the
best result that a learner can reach is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from realtime.landmarks.appearance import APPEARANCE
from realtime.motion.basis import MIRROR
from realtime.person.face_network import DESCRIPTOR

Array = NDArray[np.float64]
# Points of the right half, then their movement in x and y in px.
Moves = Sequence[tuple[Iterable[int], float, float]]

MOST = 6.0  # beyond this `difference` a movement could reach the edge of a clip
WAVES = 5  # of a crop, across and down
DESCRIBED_EVERY = 10  # frames
LOOKS_SD = 0.1  # of a made-up appearance
# Standard deviations in grey levels: of a person's appearance, of the light, of the noise.
APPEARANCE_SD, LIGHT_SD, NOISE_SD = 12.0, 6.0, 6.0

# The right half of the face with the midline, in px from the middle between the eyes, which are 80
# px apart.
RIGHT: dict[int, tuple[float, float]] = {
    **dict(enumerate([(-74, -18), (-62, -28), (-46, -30), (-30, -26), (-15, -19)])),  # brow
    **dict(enumerate([(0, 52), (-16, 60), (-8, 63), (0, 65)], start=10)),  # nose
    # eye
    **dict(enumerate([(-55, 0), (-46, -5), (-34, -5), (-25, 1), (-34, 5), (-46, 5)], start=16)),
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
    """A person's face (40, 2) in px, movement gain per point (40, 2) and appearance (24, 24)."""

    name: str
    gender: str
    face: Array
    gain: Array
    appearance: Array


@dataclass(frozen=True, slots=True)
class Movement:
    """Neutral -> onset -> apex -> offset; one half of the face moves more by `asymmetry`."""

    onset_s: float
    apex_s: float
    offset_s: float
    intensity: float
    asymmetry: float  # positive: the right half moves more

    def course(self, at_s: Array) -> Array:
        """Return the progress (n,), 0 to `intensity`, at times relative to the apex's middle."""
        after_s = at_s - self.apex_s / 2
        before_s = at_s + self.apex_s / 2 + self.onset_s
        return self.intensity * (_eased(before_s / self.onset_s) - _eased(after_s / self.offset_s))


def simulate(
    people: int,
    clips_each: int,
    seed: int,
    difference: float = 1.0,
    emotions: Sequence[str] = tuple(EMOTIONS),
) -> list[Track]:
    """Return tracks of `people` in `clips_each` clips: all `emotions` genuine, then all fake, ...

    `difference` (0 to 6) is the number of standard deviations between the means of genuine and
    fake in each of three: the fake onset is faster, the fake apex longer, the fake movement more
    asymmetric. With one seed, tracks of another difference are equal frame by frame outside their
    movements. Raises ValueError beyond 6.
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


def with_appearance(tracks: Sequence[Track]) -> list[Track]:
    """Return the tracks with noise for an appearance, for networks that see one."""
    rng = np.random.default_rng(0)
    sizes = [(len(track.times_s), APPEARANCE) for track in tracks]
    return [
        replace(track, appearance=rng.normal(0, LOOKS_SD, size).astype(np.float32))
        for track, size in zip(tracks, sizes, strict=True)
    ]


def windows_of(data: Dataset, part: str = APEX) -> ApexWindows:
    """Return windows of `data` in the movement range of all its people."""
    return data.windows(population_range(data.stats_by_person().values()), part)


def _person(number: int, rng: np.random.Generator) -> Person:
    face = FACE + rng.normal(0, 1.5, FACE.shape)
    gain = rng.lognormal(0, 0.25) * rng.lognormal(0, 0.15, FACE.shape)
    return Person(str(number + 1), "FM"[number % 2], face, gain, _smooth(APPEARANCE_SD, rng))


def _track(
    person: Person,
    number: int,
    rng: np.random.Generator,
    difference: float,
    emotions: Sequence[str],
) -> Track:
    emotion = emotions[number % len(emotions)]
    label = (GENUINE, FAKE)[number // len(emotions) % 2]
    # Around the middle of the apex: enough for the longest movement.
    before_s, after_s = rng.uniform(2.0, 2.6, 2)
    times_s = _times_s(before_s + after_s, rng)
    movement = _movement((difference if label == GENUINE else -difference) / 2, rng)
    course = movement.course(times_s - before_s)[:, None, None]
    # x is below 0 on the right half.
    gain = person.gain * (1 - movement.asymmetry * np.sign(FACE[:, :1]))
    points = _move_head(person.face + course * gain * DIRECTIONS[emotion], times_s, rng)
    points += rng.normal(0, 0.4, points.shape)  # jitter of a landmark detector
    name = f"{person.name}_{emotion}_{number}"
    clip = Clip(name, Path(), person.name, emotion, label, person.gender)
    crops, described_s = _crops(person, len(times_s), rng), times_s[::DESCRIBED_EVERY]
    descriptors = _descriptors(person, len(described_s), rng)
    return Track(
        clip,
        times_s,
        points.astype(np.float32),
        len(times_s),
        crops,
        described_s,
        descriptors.astype(np.float32),
    )


def _descriptors(person: Person, count: int, rng: np.random.Generator) -> Array:
    """Return face descriptors (n, 128): two people are 0.85 apart, two of one 0.2 to 0.3."""
    direction = np.random.default_rng(int(person.face[0, 0] * 1e6) % 2**32).normal(0, 1, DESCRIPTOR)
    own: Array = 0.6 * direction / np.linalg.norm(direction)
    return own + rng.normal(0, 0.02, (count, DESCRIPTOR))


def _crops(person: Person, frames: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return crops (n, 24, 24) of a clip: one light for the clip, noise for each frame."""
    lit = 128 + person.appearance + _smooth(LIGHT_SD, rng)
    return np.clip(lit + rng.normal(0, NOISE_SD, (frames, *lit.shape)), 0, 255).astype(np.uint8)


def _smooth(sd: float, rng: np.random.Generator) -> Array:
    """Return slow random waves across and down a crop (24, 24), all of standard deviation `sd`."""
    waves = np.cos(np.pi * np.outer(np.arange(CROP_PX) + 0.5, np.arange(WAVES)) / CROP_PX)
    return np.asarray(waves @ rng.normal(0, sd, (WAVES, WAVES)) @ waves.T)


def _movement(shift: float, rng: np.random.Generator) -> Movement:
    """Return a movement shifted `shift` standard deviations towards genuine (below 0: fake)."""
    onset, apex, offset, intensity, asymmetry = np.clip(rng.normal(0, 1, 5), -2, 2)
    return Movement(
        onset_s=0.5 * np.exp(0.25 * (onset + shift)),
        apex_s=0.5 * np.exp(0.25 * (apex - shift)),
        offset_s=0.7 * np.exp(0.2 * offset),
        intensity=np.exp(0.2 * intensity),
        asymmetry=0.15 * np.exp(0.35 * (asymmetry - shift)) * rng.choice((-1, 1)),
    )


def _times_s(seconds: float, rng: np.random.Generator) -> Array:
    """Return frame times (n,) of a webcam: 24 to 30 a second, with jitter."""
    steps_s = rng.uniform(0.9, 1.1, 200) / rng.uniform(24, 30)
    at_s = np.concatenate(([0.0], np.cumsum(steps_s)))
    return at_s[at_s <= seconds]


def _move_head(face: Array, times_s: Array, rng: np.random.Generator) -> Array:
    """Return points (n, 40, 2) of a head that sways, tilts and approaches within the frame."""
    sway_x, sway_y, tilt, nearer = (
        size * np.sin(2 * np.pi * (rng.uniform(0.1, 0.4) * times_s + rng.uniform()))
        for size in (6, 4, 0.04, 0.03)
    )
    tilt, scale = tilt + rng.normal(0, 0.05), rng.uniform(0.8, 1.3) * (1 + nearer)
    turn = np.stack((np.cos(tilt), np.sin(tilt), -np.sin(tilt), np.cos(tilt)), axis=1).reshape(
        -1, 2, 2
    )
    centre = rng.uniform((280, 150), (360, 210)) + np.stack((sway_x, sway_y), axis=1)
    points: Array = scale[:, None, None] * face @ turn + centre[:, None]
    return points


def _eased(share: Array) -> Array:
    eased: Array = (1 - np.cos(np.pi * np.clip(share, 0, 1))) / 2
    return eased


def _mirrored(right: Array) -> Array:
    """Return positions or movements (40, 2) of the whole face, from its right half."""
    whole = right.copy()
    given = list(RIGHT)
    whole[MIRROR[given]] = right[given] * (-1, 1)
    whole[given] = right[given]
    return whole


def _whole_face(moves: Moves) -> Array:
    right = np.zeros((POINTS, 2))
    for points, x, y in moves:
        right[list(points)] += (x, y)
    right[np.arange(POINTS) == MIRROR, 0] = 0  # the midline moves only up and down
    return _mirrored(right)


FACE = _whole_face([((point,), x, y) for point, (x, y) in RIGHT.items()])
DIRECTIONS = {emotion: _whole_face(moves) for emotion, moves in EMOTIONS.items()}
