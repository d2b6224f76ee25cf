"""View model: a frozen snapshot that the pipeline publishes and any thread may read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np

from engines.model.shape import POINTS
from realtime.core.labels import KERNEL
from realtime.core.messages import Expression, Face, Floats, Frame, Landmarks, PersonStatus, Verdict


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frame counts so far: captured = processed + dropped, by reason."""

    captured: int = 0
    processed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.captured != self.processed + sum(self.dropped.values()):
            raise ValueError(
                f"{self.captured} captured, {self.processed} processed, "
                f"{dict(self.dropped)} dropped: the counts do not add up"
            )


@dataclass(frozen=True, slots=True)
class AgePercentiles:
    """Percentiles of reading age in ms, from a frame's arrival to its verdict."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """Verdict over the whole run for one emotion (see `realtime.verdict.run_average`)."""

    state: str
    p_genuine: float | None
    judged_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames per second over the last two seconds."""

    captured_hz: float = 0.0
    processed_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Durations of one stage in ms; `waits` marks a queue, `busy` is its share of elapsed time.

    `cpu_share` is CPU time over working time; the remainder went to other threads or programs.
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
    """Stage timings in pipeline order, and the age of readings at the `gauge` or the `verdict`.

    `explained` is the share of these ages that the stage timings account for; 1 means all.
    """

    stages: tuple[StageTimes, ...]
    where: str
    age: StageTimes | None
    explained: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Ghosts:
    """Displacements from the newest shape that the genuine and the fake prototype predict.

    (40, 2) each, in eye coordinates (unit: interocular distance, y downwards).
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
        """Return the distance between both predictions at each point (40,)."""
        return np.asarray(np.linalg.norm(self.genuine - self.fake, axis=1), np.float32)


@dataclass(frozen=True, slots=True)
class RunSetting:
    """Constants of a run: source, emotion, engine and timing."""

    source: str
    emotion: str
    engine: str
    window_s: float
    stride_s: float
    person: str = ""  # name of the expected person, as saved
    faces: int = 1  # followed at once, at most
    landmarks: str = KERNEL  # what fits the points: our kernel or dlib


@dataclass(frozen=True, slots=True, eq=False)
class FaceSnapshot:
    """One of several followed faces at one moment; its fields are those of `Snapshot`."""

    id: int  # from 1
    face: Face | None = None
    landmarks: Landmarks | None = None
    person: PersonStatus | None = None
    verdict: Verdict | None = None
    history: tuple[Verdict, ...] = ()
    run_verdict: RunVerdict | None = None
    rows: tuple[Verdict, ...] = ()
    ghosts: Ghosts | None = None


class TakeKind(StrEnum):
    """What a person was asked for in a take."""

    FELT = "felt"
    POSED = "posed"


@dataclass(frozen=True, slots=True)
class TakePoint:
    """Reading at `at_s` seconds after its take began; negative just before."""

    at_s: float
    intensity: float | None  # distance from neutral in movement ranges
    p_genuine: float | None

    def __post_init__(self) -> None:
        numbers = (self.at_s, self.intensity or 0.0, self.p_genuine or 0.0)
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"{self}: want finite numbers")
        if not 0 <= (self.p_genuine or 0.0) <= 1:
            raise ValueError(f"p_genuine is {self.p_genuine}; want 0 to 1")


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One take: its curve, what the face showed before and at the apex, the mean of its readings.

    `unjudged` is a reading without a number, the most frequent kind; it says why `p_genuine` is
    None. `onset_s` is None where the rise was not seen from a face at rest. `known_expressions`
    are those by which the gauge knew the person when the take began.
    """

    kind: TakeKind
    points: tuple[TakePoint, ...]
    onset_s: float | None = None  # from 25 to 90 % of the apex
    p_genuine: float | None = None
    before: Expression | None = None
    expression: Expression | None = None
    unjudged: Verdict | None = None
    person_id: int | None = None
    known_expressions: int = 0

    def __post_init__(self) -> None:
        if self.known_expressions < 0:
            raise ValueError(f"known_expressions is {self.known_expressions}; want 0 or more")
        if not self.points:
            raise ValueError("a take has no points; want one or more")
        if any(later.at_s <= earlier.at_s for earlier, later in pairwise(self.points)):
            raise ValueError("the points of a take are not in order of time")
        if self.onset_s is not None and not 0 <= self.onset_s < math.inf:
            raise ValueError(f"onset_s is {self.onset_s}; want 0 or more")
        if self.p_genuine is None and self.unjudged is None:
            raise ValueError("a take has neither a number nor a reading that says why")
        if not 0 <= (self.p_genuine or 0.0) <= 1:
            raise ValueError(f"p_genuine is {self.p_genuine}; want 0 to 1")

    @property
    def ended_at_s(self) -> float:
        """Return when the take ended, in seconds after it began."""
        return self.points[-1].at_s


@dataclass(frozen=True, slots=True, eq=False)
class TakePair:
    """A felt and a posed take of one emotion; None where no expression was seen."""

    emotion: str
    felt: Take | None = None
    posed: Take | None = None

    def __post_init__(self) -> None:
        for take, kind in ((self.felt, TakeKind.FELT), (self.posed, TakeKind.POSED)):
            if take is not None and take.kind is not kind:
                raise ValueError(f"a {take.kind} take in the place of the {kind} one")

    @property
    def of_one_person(self) -> bool:
        """Return whether the same person was followed from one take to the other."""
        if self.felt is None or self.posed is None:
            return True
        return self.felt.person_id == self.posed.person_id


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Gauge at one moment; `history` holds the verdicts of the last ten seconds, oldest first.

    `rows` holds a verdict per emotion under `all`; `profile` is set while profiling. `faces` are
    all that are followed where several may be; the other fields are then those of the first.
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
    skipped_ticks: int = 0  # ticks replaced by a newer one before recognition
    not_described: Mapping[str, int] = field(default_factory=dict)  # faces, by reason
    searches_unused: Mapping[str, int] = field(default_factory=dict)  # by the CNN, by reason
    rows: tuple[Verdict, ...] = ()
    ghosts: Ghosts | None = None
    profile: ProfileTable | None = None
    recording: str = ""  # path of the video being written
    source_format: str = ""  # actual format, such as 640x480 at 30/s
    person: PersonStatus | None = None
    notice: str = ""  # one line for the user, such as a camera format other than requested
    faces: tuple[FaceSnapshot, ...] = ()
    details: bool = False  # whether the views show their figures, too
    caption: str = ""  # of a tour or guide: one line on what is seen, or on what to do, now
    takes: tuple[TakePair, ...] | None = None  # of guided use; empty until there is a result
    guide_offered: bool = False  # whether the key of guided use does something now
