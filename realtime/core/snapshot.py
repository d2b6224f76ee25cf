"""What the view shows at one moment: one frozen value that the pipeline publishes and any thread may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engines.model.shape import POINTS
from realtime.core.messages import Face, Floats, Frame, Landmarks, Verdict


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frames so far: captured = processed + everything dropped, by reason."""

    captured: int = 0
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.captured != self.processed + sum(self.dropped.values()):
            raise ValueError(
                f"{self.captured} captured, {self.processed} processed, {dict(self.dropped)} dropped: no sum"
            )


@dataclass(frozen=True, slots=True)
class AgePercentiles:
    """Percentiles of the readings' ages in ms, from a frame's arrival to its verdict."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """The verdict on everything seen so far of one emotion (see `realtime.verdict.run_average`)."""

    state: str
    p_genuine: float | None
    judged_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames a second over the last two seconds."""

    captured_hz: float = 0.0
    processed_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """How well the person in front is known: `expressions` that ended, and whether it is the one who is `expected`.

    `anew` where the user let the neutral face of that one be taken anew.
    """

    known_expressions: int
    is_expected: bool
    neutral_reset: bool = False


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long one stage takes in ms. `waits` tells a queue from work; `busy` is its share of the whole time.

    `cpu_share` is how much of its work the thread had a core: the rest went to other threads or programs.
    """

    name: str
    waits: bool
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    busy: float
    cpu_share: float | None


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """The profile at one moment: the stages in their order, and the age of readings at the `gauge` or the `verdict`.

    `explained` is how much of these ages the stages' own times sum up to, 1 for all of it.
    """

    stages: tuple[StageTimes, ...]
    where: str
    age: StageTimes | None
    explained: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Ghosts:
    """Where the genuine and the fake prototype expect the face a moment from now: the way there from the newest shape.

    (40, 2) each, in eye coordinates (unit: the distance of the eyes, y downwards).
    """

    genuine: Floats
    fake: Floats

    def __post_init__(self) -> None:
        if self.genuine.shape != (POINTS, 2) or self.fake.shape != (POINTS, 2):
            raise ValueError(
                f"ghosts have shapes {self.genuine.shape} and {self.fake.shape}; want ({POINTS}, 2)"
            )

    @property
    def difference(self) -> Floats:
        """How far the two are apart at each point (40,)."""
        return np.asarray(np.linalg.norm(self.genuine - self.fake, axis=1), np.float32)


@dataclass(frozen=True, slots=True)
class RunSetting:
    """What does not change during a run: what is watched, for which emotion, by what."""

    source: str
    emotion: str
    engine: str
    window_s: float
    stride_s: float
    person: str = ""  # who is expected, by the name that they were saved under


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The gauge at one moment. `history` holds the verdicts of the last ten seconds, oldest first.

    `rows` holds a verdict of each emotion where all are asked; `timetable` is there while a profile is taken.
    """

    setting: RunSetting
    frame: Frame | None = None
    face: Face | None = None
    landmarks: Landmarks | None = None
    verdict: Verdict | None = None
    history: tuple[Verdict, ...] = ()
    run_verdict: RunVerdict | None = None
    counts: FrameCounts = field(default_factory=FrameCounts)
    rates: Rates = field(default_factory=Rates)
    ages: AgePercentiles | None = None
    skipped_ticks: int = 0  # readings that gave way to a newer one before they were made
    rows: tuple[Verdict, ...] = ()
    ghosts: Ghosts | None = None
    profile: ProfileTable | None = None
    recording: str = ""  # the video that is written now
    source_format: str = ""  # what the source really gives, such as 640x480 at 30/s
    person: PersonStatus | None = None
    notice: str = ""  # one line that the user should know, such as what the camera gave instead of what was asked
