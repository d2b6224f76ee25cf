"""`GaugeSpec`: which gauge a run needs; checks it at once, loads it on demand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.bundle.bundle import Bundle
from engines.engine import Progress, no_progress
from engines.registry import AUTO, ENGINES, choose_engine
from realtime.core.errors import UsageError
from realtime.core.messages import Face, Frame, Landmarks
from realtime.core.snapshot import RunSetting
from realtime.core.tracing import NO_TRACING, Tracer
from realtime.landmarks.compile_ahead import finish_compiling, start_compiling
from realtime.person.descriptor_source import InlineDescriptors
from realtime.person.face_network import FaceNetwork
from realtime.person.face_watch import FaceWatch
from realtime.person.saved_profile import SavedPerson
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge import Gauge, LandmarkSource
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.onsets_from_bundle import load_known_onsets
from realtime.runtime.shared_models import SharedModels
from realtime.runtime.stages_from_bundle import EmotionChoice

if TYPE_CHECKING:
    from realtime.landmarks.group_reader import GroupReader

MOST_FACES = 8  # each costs time in every frame, and has a row in the views
NO_READ_OUT = "the bundle has no expression read-out: the gauge does not say what the face shows"


@dataclass(frozen=True, slots=True)
class GaugeSpec:
    """Bundle, emotion, engine and expected person of a gauge; nothing heavy is loaded yet.

    `faces` is how many are followed at once. The face at `neutral_at_s` of the source's time is
    taken for neutral; None leaves that to the gauge.
    """

    bundle: Bundle
    emotion: EmotionChoice
    engine: str
    expected_person: SavedPerson | None = None
    faces: int = 1
    neutral_at_s: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.faces <= MOST_FACES:
            raise UsageError(f"faces is {self.faces}; want 1 to {MOST_FACES}")
        if self.faces > 1 and self.expected_person is not None:
            raise UsageError(
                f"a saved person is expected alone, and faces is {self.faces}. Leave one out"
            )
        if self.neutral_at_s is None:
            return
        if not 0 <= self.neutral_at_s < math.inf:
            raise UsageError(f"neutral_at_s is {self.neutral_at_s}; want seconds from 0 on")
        if self.expected_person is not None:
            raise UsageError(
                f"the saved person's neutral face is known, and neutral_at_s is "
                f"{self.neutral_at_s:g}. Leave one out"
            )

    @staticmethod
    def of(
        bundle: Bundle,
        emotion: str,
        engine: str = AUTO,
        expected: SavedPerson | None = None,
        faces: int = 1,
        neutral_at_s: float | None = None,
    ) -> GaugeSpec:
        """Resolve `emotion` and `engine`; raises `UsageError` for one that does not exist."""
        check_engine_name(engine)
        choice = stages.choose_emotion(bundle, emotion)
        if engine == AUTO:
            engine, _ = choose_engine(stages.network_weight_count(bundle, choice.emotion))
        return GaugeSpec(bundle, choice, engine, expected, faces, neutral_at_s)

    @property
    def notice(self) -> str:
        """Return what the user should know of the bundle; empty without anything."""
        without = NO_READ_OUT if stages.EXPRESSION not in self.bundle.manifest else ""
        return "; ".join(filter(None, (self.emotion.notice, without)))

    def setting(self, source_name: str, person: str = "") -> RunSetting:
        """Return what the view shows of a run on `source_name`; `person` is the expected name."""
        timing = stages.window_timing(self.bundle)
        return RunSetting(
            source_name,
            self.emotion.asked,
            self.engine,
            timing.window_s,
            timing.stride_s,
            person,
            self.faces,
        )

    def load(
        self,
        tracer: Tracer = NO_TRACING,
        progress: Progress = no_progress,
        reader: LandmarkSource | None = None,
        models: SharedModels | None = None,
    ) -> Gauge:
        """Load and warm up the stages, which takes seconds; `reader` None is a `FaceReader`.

        With a reader of its own a gauge tells nobody apart. What `models` already hold is not
        loaded again; the gauge does not close them. Raises `GaugeError` if a model is missing.
        """
        compiling = start_compiling() if reader is None else None
        watch = _face_watch(tracer, models) if reader is None else None
        judge = stages.create_judge(
            self.bundle, self.emotion, self.engine, tracer, self.expected_person, models
        )
        judge.known_onsets = load_known_onsets(self.bundle)
        judge.warm_up(progress)
        motion = stages.create_motion_stage(self.bundle, self.expected_person)
        motion.neutral_at_s = self.neutral_at_s
        finish_compiling(compiling)
        reader = reader or _face_reader(self.bundle, tracer, models)
        return Gauge(reader, motion, judge, tracer=tracer, watch=watch)

    def load_group(
        self,
        tracer: Tracer = NO_TRACING,
        progress: Progress = no_progress,
        models: SharedModels | None = None,
    ) -> GaugeGroup:
        """Do as `load` for every face: their gauges share all models, which the group closes.

        Those that the caller gives it does not close.
        """
        if self.faces == 1:
            return GaugeGroup.alone(self.load(tracer, progress, models=models))
        own = SharedModels() if models is None else None
        shared = models or own
        assert shared is not None
        reader = _group_reader(self, tracer, shared)
        gauges = [self._load_one(tracer, progress, shared) for _ in range(self.faces)]
        return GaugeGroup(gauges, reader, release=own.close if own else None)

    def _load_one(self, tracer: Tracer, progress: Progress, models: SharedModels) -> Gauge:
        """Load the gauge of one of several faces, whose reader is the group's."""
        gauge = self.load(tracer, progress, NoReader(), models)
        gauge.watch = _face_watch(tracer, models)
        return gauge


class NoReader:
    """Reader of a gauge whose group reads all faces."""

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Raise RuntimeError: the group reads."""
        raise RuntimeError("this gauge is one of a group, which reads the faces")


def check_engine_name(engine: str) -> None:
    """Raise `UsageError` for a name of no engine; whether the engine runs here is tried later."""
    if engine not in (AUTO, *ENGINES):
        names = ", ".join((AUTO, *ENGINES))
        raise UsageError(f"unknown engine {engine!r}; choose one of {names}")


def _face_reader(bundle: Bundle, tracer: Tracer, models: SharedModels | None) -> LandmarkSource:
    from realtime.faces.face_search import FaceSearch
    from realtime.faces.face_tracker import FaceTracker
    from realtime.landmarks.face_reader import FaceReader  # loads the landmark model

    tracker, predictor = None, None
    if models is not None:
        tracker = FaceTracker(FaceSearch(*models.detectors().in_order()))
        predictor = models.predictor()
    expressions = stages.create_expression_reader(bundle)
    reader = FaceReader(tracker, predictor, tracer, expressions)
    reader.warm_up()
    return reader


def _group_reader(spec: GaugeSpec, tracer: Tracer, models: SharedModels) -> GroupReader:
    from realtime.faces.shared_search import SharedSearch
    from realtime.landmarks.group_reader import GroupReader

    expressions = stages.create_expression_reader(spec.bundle)
    search = SharedSearch(spec.faces, *models.detectors().in_order())
    reader = GroupReader(spec.faces, models.predictor(), tracer, search, expressions)
    reader.warm_up()
    return reader


def _face_watch(tracer: Tracer, models: SharedModels | None) -> FaceWatch:
    network = FaceNetwork() if models is None else models.face_network()
    return FaceWatch(InlineDescriptors(network), lambda reason: tracer.event(reason, "drops"))
