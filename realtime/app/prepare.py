"""What a run is made of: everything light at once, so that a wrong wish is told at once, and then the pipeline."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from engines.bundle.bundle import DEFAULT, Bundle
from engines.engine import Progress
from engines.registry import AUTO, ENGINES, choose_engine
from realtime.app import expected_person
from realtime.app.options import Options
from realtime.capture.factory import create_source
from realtime.capture.source import Source
from realtime.core.clock import Clock, SystemClock
from realtime.core.errors import UsageError
from realtime.core.messages import Verdict
from realtime.core.snapshot import RunSetting
from realtime.core.tracing import Tracer
from realtime.person.saved_profile import SavedPerson
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.view.records.rows import RunInfo


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything that is known before anything heavy is loaded."""

    options: Options
    bundle: Bundle
    emotion: stages.EmotionChoice
    source: Source
    setting: RunSetting
    clock: Clock
    saved_person: SavedPerson | None = None  # of the person who is expected


def prepare(config: Options) -> PreparedRun:
    """What `config` asks for; raises what is wrong with it, in one line for the user."""
    if config.debug:
        os.environ.setdefault(
            "OPENCV_LOG_LEVEL", "WARNING"
        )  # a level that is set is left alone by capture
    if config.engine not in (AUTO, *ENGINES):
        raise UsageError(
            f"no engine is named {config.engine!r}; there are {', '.join((AUTO, *ENGINES))}"
        )
    clock = SystemClock()
    source = create_source(config.source, clock, config.lossless, config.fast)
    bundle = Bundle.load(config.bundle or DEFAULT)
    found, timing = stages.choose_emotion(bundle, config.emotion), stages.timing(bundle)
    engine = (
        choose_engine(stages.network_weights(bundle, found.emotion))[0]
        if config.engine == AUTO
        else config.engine
    )
    setting = RunSetting(
        source.name, found.asked, engine, timing.window_s, timing.stride_s, config.person or ""
    )
    return PreparedRun(
        config,
        bundle,
        found,
        source,
        setting,
        clock,
        expected_person.expected(config.person, config.learn),
    )


def load_pipeline(
    plan: PreparedRun, on_verdict: Callable[[Verdict], None], spans: Tracer, tell: Progress
) -> Pipeline:
    """The stages, loaded and warmed up, not started yet: takes seconds. `tell` is given a line on what takes long."""
    from realtime.landmarks.face_reader import FaceReader

    saved, bundle = plan.saved_person, plan.bundle
    judge = stages.judge(bundle, plan.emotion, plan.setting.engine, spans, saved)
    judge.warm_up(tell)
    reader = FaceReader(tracer=spans)
    reader.warm_up()
    return Pipeline(
        plan.setting,
        plan.source,
        reader,
        stages.motion(bundle, saved),
        judge,
        plan.clock,
        lossless=plan.options.lossless
        or plan.options.fast,  # unpaced and lossy would be to skim the file
        on_verdict=on_verdict,
        tracer=spans,
    )


def run_info(plan: PreparedRun) -> RunInfo:
    """What a record says of the run."""
    from importlib.metadata import version  # brings along all that reads mail

    timing, loop = stages.timing(plan.bundle), stages.recognition_config(plan.bundle)
    return RunInfo(
        version=version("genuine-gauge"),
        source=plan.source.name,
        emotion=plan.emotion.asked,
        engine=plan.setting.engine,
        bundle_sha256=plan.bundle.sha256,
        window_s=timing.window_s,
        stride_s=timing.stride_s,
        steps=loop.steps,
        hz=timing.rate_hz,
    )
