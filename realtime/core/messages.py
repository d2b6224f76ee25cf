"""Messages between stages: frozen values, validated on construction, with units in their names.

`captured_at_s` and `at_s` are media time: monotonic seconds for cameras and streams, container
timestamps for files. `read_at_s` is the monotonic time of the frame's arrival; ages start there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import LANDMARKS, PB, POINTS
from realtime.core.picture import ArrayPicture, Picture
from realtime.core.picture import Image as Image

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x, y, width, height in pixels

CROP_PX = 24  # side of the aligned crop (`realtime.landmarks.aligned_crop`)


class State(StrEnum):
    """State of a reading; only `judging` and `settled` have a probability."""

    NO_SIGNAL = "no_signal"
    NO_FACE = "no_face"
    WARMING_UP = "warming_up"
    NEUTRAL = "neutral"  # no expression to judge
    POOR_VIEW = "poor_view"  # blur, dark, head turned
    OTHER_EMOTION = "other_emotion"  # this emotion's network predicts the movement poorly
    JUDGING = "judging"
    SETTLED = "settled"
    UNCERTAIN = "uncertain"

    @property
    def has_number(self) -> bool:
        """Whether a reading in this state has a probability."""
        return self in (State.JUDGING, State.SETTLED)


class Cause(StrEnum):
    """Why a face cannot be judged, where its state alone does not say it."""

    NO_POINTS = "no_points"  # the landmarks fit no face
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    TURNED = "turned"
    TILTED = "tilted"
    HIDDEN = "hidden"  # covered, or too fast for the tracker
    FAINT = "faint"  # perhaps an expression
    NEUTRAL_UNKNOWN = "neutral_unknown"
    NEAR_HALF = "near_half"  # the probability is too close to 50 %


class BoxSource(StrEnum):
    """Algorithm that located the face box in this frame."""

    HAAR = "haar"
    HOG = "hog"
    CNN = "cnn"
    MOSSE = "mosse"


class Showing(StrEnum):
    """What a face shows, by its expression read-out over the last half second."""

    REST = "rest"
    UNCLEAR = "unclear"  # perhaps an expression, perhaps this person's face at rest
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Frame of a source; `index` counts delivered frames from 0.

    `picture` may be given as a BGR array, uint8 (h, w, 3), which is then wrapped.
    """

    index: int
    captured_at_s: float
    read_at_s: float
    picture: Picture | Image

    def __post_init__(self) -> None:
        if isinstance(self.picture, np.ndarray):
            object.__setattr__(self, "picture", ArrayPicture(self.picture))
        _finite(captured_at_s=self.captured_at_s, read_at_s=self.read_at_s)

    @property
    def image(self) -> Image:
        """The picture in colour, uint8 BGR (h, w, 3)."""
        return cast(Picture, self.picture).bgr

    @property
    def gray(self) -> Image:
        """The picture's gray levels, uint8 (h, w)."""
        return cast(Picture, self.picture).gray

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return cast(Picture, self.picture).size_px

    def __repr__(self) -> str:
        width, height = self.size_px
        return f"Frame({self.index} at {self.captured_at_s:.3f} s, {width}x{height})"


@dataclass(frozen=True, slots=True)
class Face:
    """Face box `box_px` (x, y, w, h) and the tracker's peak-to-sidelobe ratio `psr`.

    Bolme et al. 2010 define the PSR.
    """

    box_px: Box
    psr: float
    box_source: BoxSource

    def __post_init__(self) -> None:
        _finite(psr=self.psr, **dict(zip("xywh", self.box_px, strict=True)))
        if self.box_px[2] <= 0 or self.box_px[3] <= 0:
            raise ValueError(f"box_px is {self.box_px}; want a width and a height above 0")


@dataclass(frozen=True, slots=True)
class ViewQuality:
    """Sharpness and brightness of the face crop, and yaw and roll of the head."""

    sharpness: float  # variance of the Laplacian on a crop scaled to a fixed size
    brightness: float  # mean gray level, 0-255
    yaw: float  # -1 (full left) .. 1 (full right), 0 facing the camera; from landmark asymmetry
    roll_deg: float = 0.0  # tilt of the eyes' line, positive clockwise in the picture

    def __post_init__(self) -> None:
        _finite(sharpness=self.sharpness, brightness=self.brightness, yaw=self.yaw)
        _finite(roll_deg=self.roll_deg)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """Expression read-out of one frame: `values` float32 (n,), 0 to 1, each with its name.

    Names are those of the bundle, such as `smile_left`; left and right are the person's own.
    """

    names: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        _array("values", self.values, (len(self.names),))
        if len(self.values) and not 0 <= self.values.min() <= self.values.max() <= 1:
            raise ValueError(f"values are {self.values.min()} to {self.values.max()}; want 0 to 1")

    def by_name(self) -> dict[str, float]:
        """Return the values by name."""
        return dict(zip(self.names, self.values.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The paper's 40 points in one frame, `points_px` float32 (40, 2), and what else was read.

    `crop` is the aligned crop, uint8 (24, 24), `expression` the read-out and `appearance` float32
    (A,) the components of how the face looks; all None for synthetic landmarks without an image,
    the latter two also with a bundle that does without.
    """

    points_px: Floats
    captured_at_s: float
    frame: int
    quality: ViewQuality
    crop: Image | None = None
    expression: Expression | None = None
    appearance: Floats | None = None

    def __post_init__(self) -> None:
        _array("points_px", self.points_px, (POINTS, 2))
        if self.appearance is not None:
            _array("appearance", self.appearance, (self.appearance.size,))
        if self.crop is not None and (
            self.crop.dtype != np.uint8 or self.crop.shape != (CROP_PX, CROP_PX)
        ):
            raise ValueError(
                f"crop is {self.crop.dtype} {self.crop.shape}; want uint8 ({CROP_PX}, {CROP_PX})"
            )
        _finite(captured_at_s=self.captured_at_s)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Movement at the model's rate: `motion` float32 (T, 80), newest frame last."""

    motion: Floats
    started_at_s: float
    ended_at_s: float

    def __post_init__(self) -> None:
        _array("motion", self.motion, (len(self.motion), LANDMARKS))
        if len(self.motion) < 2 or not self.started_at_s < self.ended_at_s:
            raise ValueError(
                f"{len(self.motion)} frames from {self.started_at_s} to {self.ended_at_s} s; "
                "want 2 or more"
            )


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """Identity of the tracked person, and how many of their expressions have been seen.

    `confirmed_expressions` are those of `known_expressions` before the first unconfirmed
    interruption.
    """

    person_id: int = 0  # increases with every person change
    known_expressions: int = 0
    confirmed_expressions: int = 0
    is_expected: bool = False  # whether this is still taken for the saved person
    neutral_reset: bool = False  # whether the user has reset the expected person's neutral


@dataclass(frozen=True, slots=True)
class Onset:
    """Onset of an expression, from 25 % of its apex so far to the apex; intensities in ranges.

    `apex_s` is when the intensity first comes within 10 % of `amplitude`, its largest, and
    `plateau_s` how long it stayed there so far. Measures as in Cohn & Schmidt 2004 and Dibeklioglu
    et al. 2015.
    """

    start_s: float
    apex_s: float
    amplitude: float
    largest_speed: float  # ranges per second, as is the mean
    mean_speed: float
    symmetry: float  # movement of the half of the face that moves less, by that of the other
    mouth_lead_s: float | None  # mouth before eyes and brows; None where one of them hardly moves
    plateau_s: float

    def __post_init__(self) -> None:
        _finite(start_s=self.start_s, apex_s=self.apex_s, mouth_lead_s=self.mouth_lead_s or 0.0)
        if not self.start_s < self.apex_s:
            raise ValueError(f"an onset from {self.start_s} to {self.apex_s} s; want times to rise")
        for name in ("amplitude", "largest_speed", "mean_speed"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; want a number above 0")
        if not 0 <= self.symmetry <= 1 or not 0 <= self.plateau_s < math.inf:
            raise ValueError(f"{self}: want a symmetry of 0 to 1, and plateau_s 0 or more")

    @property
    def duration_s(self) -> float:
        """Return the time from start to apex."""
        return self.apex_s - self.start_s

    @property
    def relative_speed(self) -> float:
        """Return the largest speed in amplitudes per second."""
        return self.largest_speed / self.amplitude


@dataclass(frozen=True, slots=True)
class OnsetRank:
    """Shares of the known genuine and fake onsets of an emotion that are slower than this one."""

    genuine: float
    fake: float

    def __post_init__(self) -> None:
        if not (0 <= self.genuine <= 1 and 0 <= self.fake <= 1):
            raise ValueError(f"{self}: want shares of 0 to 1")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one input adds to a score, in log odds of genuine, beyond what its usual value adds.

    Of no single input are "usual", the score of usual inputs, and "trees", what these add.
    """

    name: str
    log_odds: float
    above_usual: bool = False  # the input's value

    def __post_init__(self) -> None:
        _finite(log_odds=self.log_odds)


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """Message from the vision thread to recognition at every stride: newest face, window if any.

    `frame` is the newest frame's index (-1 before the first). `signal` is False if the source is
    silent or unreliable; `signal_error` then gives the reason if known.
    """

    at_s: float
    frame: int
    read_at_s: float
    signal: bool = True
    signal_error: str = ""
    face: Face | None = None
    quality: ViewQuality | None = None
    window: Window | None = None
    intensity: float = 0.0  # distance from neutral in movement ranges
    onset: Onset | None = None  # of the expression that is there; None if it was not seen
    person: PersonStatus = field(default_factory=PersonStatus)
    points_px: Floats | None = None  # (40, 2) in the newest frame
    face_id: int | None = None  # 1, 2, ...; None where one face is followed
    expression: Expression | None = None  # in the newest frame
    showing: Showing | None = None  # None without a read-out
    neutral_known: bool = True  # whether the person's face was seen at rest


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Result of recognition on a window: `pb` float32 (64,) and the network's loss with it."""

    pb: Floats
    loss: float
    gradient_norm: float
    steps: int
    pb_speed: float | None  # PB distance since the last tick, per second; None in the first
    settled: bool

    def __post_init__(self) -> None:
        _array("pb", self.pb, (PB,))
        _finite(loss=self.loss, gradient_norm=self.gradient_norm)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Reading of the gauge; `p_genuine` is set only in the states `judging` and `settled`.

    `points_px` float32 (40, 2) are the landmarks, `pb` float32 (n, 64) the PBs of the n networks
    that judged, `expression` the read-out. Verdicts are equal without regard to these three.
    """

    at_s: float
    frame: int
    emotion: str
    state: State
    p_genuine: float | None
    reason: str  # why `p_genuine` is None; empty if it is set
    age_ms: float  # from the frame's arrival to this verdict
    loss: float | None = None
    pb_speed: float | None = None  # PB distance in this tick, per second
    box_px: Box | None = None
    psr: float | None = None
    prediction_error: float | None = None  # NMSE of the emotion's network; 1 predicts nothing
    pb_position: tuple[float, float] | None = None  # fake prototype at 0, genuine at 1
    intensity: float | None = None  # distance from neutral in movement ranges; None: no movement
    onset: Onset | None = None  # of the expression that is there; None if it was not seen
    onset_rank: OnsetRank | None = None  # None with a bundle that knows no onsets of the emotion
    contributions: tuple[Contribution, ...] = ()  # to the score; none where nothing was judged
    face: int | None = None  # number of the face, from 1; None where one face is followed
    cause: Cause | None = None  # of `reason`; views make words of it, records keep the reason
    nearest: str = ""  # emotion that the movement fits better than the one asked for
    p_emotion: float | None = None  # that the movement shows `emotion`; None of any emotion
    points_px: Floats | None = field(default=None, compare=False, repr=False)
    pb: Floats | None = field(default=None, compare=False, repr=False)
    expression: Expression | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        _finite(at_s=self.at_s, age_ms=self.age_ms)
        if self.state.has_number != (self.p_genuine is not None):
            raise ValueError(
                f"state {self.state} with p_genuine {self.p_genuine}; "
                "only judging and settled have a number"
            )
        if self.p_genuine is not None and not 0 <= self.p_genuine <= 1:
            raise ValueError(f"p_genuine is {self.p_genuine}; want 0 to 1")
        if self.p_emotion is not None and not 0 <= self.p_emotion <= 1:
            raise ValueError(f"p_emotion is {self.p_emotion}; want 0 to 1")
        if self.points_px is not None:
            _array("points_px", self.points_px, (POINTS, 2))
        if self.pb is not None:
            _array("pb", self.pb, (len(self.pb), PB))


def _finite(**numbers: float) -> None:
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise ValueError(f"{name} is {number}; want a finite number")


def _array(name: str, array: Floats, shape: tuple[int, ...]) -> None:
    if array.dtype != np.float32 or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype} {array.shape}; want float32 {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
