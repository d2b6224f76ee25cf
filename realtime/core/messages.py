"""What travels down the pipeline: frozen values, checked when they are made, units in their names.

Times named `captured_at_s` or `at_s` are media time: monotonic seconds for cameras and streams, the container's own
timestamps for replays. `read_at_s` is always the monotonic clock when the frame came in; ages are measured from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import LANDMARKS, PB, POINTS

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x, y, width, height in pixels

CROP_PX = 24  # side of the face's patch (`realtime.landmarks.aligned_crop`)


class State(StrEnum):
    """What the gauge can say. Only `judging` and `settled` carry a probability."""

    NO_SIGNAL = "no_signal"
    NO_FACE = "no_face"
    WARMING_UP = "warming_up"
    NEUTRAL = "neutral"  # no expression to judge
    POOR_VIEW = "poor_view"  # blur, dark, head turned
    OTHER_EMOTION = "other_emotion"  # the movement does not fit this emotion's network
    JUDGING = "judging"
    SETTLED = "settled"
    UNCERTAIN = "uncertain"

    @property
    def has_number(self) -> bool:
        return self in (State.JUDGING, State.SETTLED)


class BoxSource(StrEnum):
    """What placed the box of a face in this frame."""

    HAAR = "haar"
    MOSSE = "mosse"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture: `image` uint8 BGR (h, w, 3); `index` counts from 0 over everything the source delivered."""

    index: int
    captured_at_s: float
    read_at_s: float
    image: Image

    def __post_init__(self) -> None:
        image = self.image
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ValueError(f"image is {image.dtype} {image.shape}; want uint8 (height, width, 3)")
        _finite(captured_at_s=self.captured_at_s, read_at_s=self.read_at_s)

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        return f"Frame({self.index} at {self.captured_at_s:.3f} s, {width}x{height})"


@dataclass(frozen=True, slots=True)
class Face:
    """Where the face is: `box_px` (x, y, w, h) and `psr`, the tracker's peak-to-sidelobe ratio (Bolme et al. 2010)."""

    box_px: Box
    psr: float
    box_source: BoxSource

    def __post_init__(self) -> None:
        _finite(psr=self.psr, **dict(zip("xywh", self.box_px, strict=True)))
        if self.box_px[2] <= 0 or self.box_px[3] <= 0:
            raise ValueError(f"box_px is {self.box_px}; want a width and a height above 0")


@dataclass(frozen=True, slots=True)
class ViewQuality:
    """How well the face can be seen: sharpness and brightness of its crop, and how far the head is turned."""

    sharpness: float  # variance of the Laplacian on a crop scaled to a fixed size
    brightness: float  # mean gray level, 0-255
    yaw: float  # -1 (full left) .. 1 (full right), 0 facing the camera, from the points' own asymmetry

    def __post_init__(self) -> None:
        _finite(sharpness=self.sharpness, brightness=self.brightness, yaw=self.yaw)


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The paper's 40 points in one frame: `points_px` float32 (40, 2), and the face's `patch` uint8 (24, 24).

    There is no patch of a face that nobody saw as a picture: a made-up one.
    """

    points_px: Floats
    captured_at_s: float
    frame: int
    quality: ViewQuality
    crop: Image | None = None

    def __post_init__(self) -> None:
        _array("points_px", self.points_px, (POINTS, 2))
        if self.crop is not None and (
            self.crop.dtype != np.uint8 or self.crop.shape != (CROP_PX, CROP_PX)
        ):
            raise ValueError(
                f"patch is {self.crop.dtype} {self.crop.shape}; want uint8 ({CROP_PX}, {CROP_PX})"
            )
        _finite(captured_at_s=self.captured_at_s)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Movement at the model's rate: `motion` float32 (T, 80), the last frame being the newest."""

    motion: Floats
    started_at_s: float
    ended_at_s: float

    def __post_init__(self) -> None:
        _array("motion", self.motion, (len(self.motion), LANDMARKS))
        if len(self.motion) < 2 or not self.started_at_s < self.ended_at_s:
            raise ValueError(
                f"{len(self.motion)} frames from {self.started_at_s} to {self.ended_at_s} s; want 2 or more"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """What the vision thread hands to recognition every stride: the newest view of the face, a window if there is one.

    `frame` is the newest frame's index (-1 before the first); `signal` is False when the source has gone quiet or gives
    nothing to be trusted, and `trouble` then says why, if anyone knows.
    """

    at_s: float
    frame: int
    read_at_s: float
    signal: bool = True
    signal_error: str = ""
    face: Face | None = None
    quality: ViewQuality | None = None
    window: Window | None = None
    intensity: float = 0.0  # how far from neutral the face is now, in usual ranges
    person: int = 0  # another number is another person
    expressions: int = 0  # that are known of this person
    expected: bool = False  # whether this is held to be the person who is known beforehand
    settled: int = (
        0  # of the expressions those that are surely theirs: nobody else can have come since
    )


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What recognition makes of a window: `pb` float32 (64,), and how well the network predicts with it."""

    pb: Floats
    loss: float
    gradient_norm: float
    steps: int
    pb_speed: (
        float | None
    )  # how far the PB moved since the last tick, per second; None in a movement's first
    settled: bool

    def __post_init__(self) -> None:
        _array("pb", self.pb, (PB,))
        _finite(loss=self.loss, gradient_norm=self.gradient_norm)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reading of the gauge. `p_genuine` is a number in the states `judging` and `settled`, None in all others."""

    at_s: float
    frame: int
    emotion: str
    state: State
    p_genuine: float | None
    reason: str  # why there is no number; empty when there is one
    age_ms: float  # from the frame's arrival to this verdict
    loss: float | None = None
    pb_speed: float | None = None  # how far the PB moved in this tick, per second
    box_px: Box | None = None
    psr: float | None = None
    prediction_error: float | None = (
        None  # how much of the movement the emotion's own network misses; 1 is all of it
    )
    pb_position: tuple[float, float] | None = (
        None  # of the PB on the way from the fake prototype (0) to the genuine (1)
    )

    def __post_init__(self) -> None:
        _finite(at_s=self.at_s, age_ms=self.age_ms)
        if self.state.has_number != (self.p_genuine is not None):
            raise ValueError(
                f"state {self.state} with p_genuine {self.p_genuine}: a number belongs to a judged state only"
            )
        if self.p_genuine is not None and not 0 <= self.p_genuine <= 1:
            raise ValueError(f"p_genuine is {self.p_genuine}; want 0 to 1")


def _finite(**numbers: float) -> None:
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise ValueError(f"{name} is {number}; want a finite number")


def _array(name: str, array: Floats, shape: tuple[int, ...]) -> None:
    if array.dtype != np.float32 or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype} {array.shape}; want float32 {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
