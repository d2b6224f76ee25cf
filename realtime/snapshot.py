"""What the view shows at one moment: one frozen value that the pipeline publishes and any thread may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime.values import Face, Frame, Landmarks, Verdict


@dataclass(frozen=True, slots=True)
class Counts:
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
class Ages:
    """Percentiles of the readings' ages in ms, from a frame's arrival to its verdict."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Overall:
    """The verdict on everything seen so far of one emotion (see `realtime.verdict.whole`)."""

    state: str
    p_genuine: float | None
    judged_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames a second over the last two seconds."""

    captured_hz: float = 0.0
    processed_hz: float = 0.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What does not change during a run: what is watched, for which emotion, by what."""

    source: str
    emotion: str
    engine: str
    window_s: float
    stride_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The gauge at one moment. `history` holds the verdicts of the last ten seconds, oldest first."""

    setting: Setting
    frame: Frame | None = None
    face: Face | None = None
    landmarks: Landmarks | None = None
    verdict: Verdict | None = None
    history: tuple[Verdict, ...] = ()
    overall: Overall | None = None
    counts: Counts = field(default_factory=Counts)
    rates: Rates = field(default_factory=Rates)
    ages: Ages | None = None
    skipped_ticks: int = 0  # readings that gave way to a newer one before they were made
    notice: str = ""  # one line that the user should know, such as what the camera gave instead of what was asked
