"""Prepare a run: `prepare` checks every option at once, `load_pipeline` loads what is heavy."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.engine import Progress
from realtime.app import expected_person
from realtime.app.options import Options
from realtime.app.suggestions import check_emotion
from realtime.capture.factory import create_source
from realtime.capture.source import Source
from realtime.core.clock import Clock, SystemClock
from realtime.core.messages import Verdict
from realtime.core.snapshot import RunSetting
from realtime.core.tracing import Tracer
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge_spec import GaugeSpec, check_engine_name
from realtime.runtime.pipeline import Pipeline
from realtime.runtime.shared_models import SharedModels
from realtime.view.records.rows import RunInfo


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Checked run: its source and gauge are chosen, nothing heavy is loaded."""

    options: Options
    source: Source
    gauge: GaugeSpec
    setting: RunSetting
    clock: Clock


def prepare_run(options: Options) -> PreparedRun:
    """Return the run that `options` describe; raises a `GaugeError` of one line for the user."""
    if options.debug:
        # Capture leaves a level alone that is already set.
        os.environ.setdefault("OPENCV_LOG_LEVEL", "WARNING")
    check_engine_name(options.engine)
    clock = SystemClock()
    source = create_source(options.source, clock, options.lossless, options.fast)
    bundle = Bundle.load(options.bundle or DEFAULT_BUNDLE)
    check_emotion(options.emotion, bundle.emotions)
    expected = expected_person.load_expected(options.person, options.learn)
    gauge = GaugeSpec.of(
        bundle, options.emotion, options.engine, expected, options.faces, options.neutral_at_s
    )
    setting = replace(gauge.setting(source.name, options.person or ""), landmarks=options.landmarks)
    return PreparedRun(options, source, gauge, setting, clock)


def load_pipeline(
    run: PreparedRun,
    on_verdict: Callable[[Verdict], None],
    tracer: Tracer,
    progress: Progress,
    models: SharedModels | None = None,
) -> Pipeline:
    """Load and warm up the pipeline, which takes seconds; `progress` gets lines for the user.

    What `models` already hold is not loaded again.
    """
    return Pipeline(
        run.setting,
        run.source,
        run.gauge.load_group(tracer, progress, models),
        run.clock,
        # --fast implies lossless: unpaced with frame dropping would skip most of the file.
        lossless=run.options.lossless or run.options.fast,
        on_verdict=on_verdict,
    )


def run_info(run: PreparedRun) -> RunInfo:
    """Return what a record says about the run."""
    from importlib.metadata import version  # slow: it imports the email parser

    bundle = run.gauge.bundle
    timing, recognition = stages.window_timing(bundle), stages.recognition_config(bundle)
    return RunInfo(
        version=version("genuine-gauge"),
        source=run.source.name,
        emotion=run.setting.emotion,
        engine=run.setting.engine,
        bundle_sha256=bundle.sha256,
        window_s=timing.window_s,
        stride_s=timing.stride_s,
        steps=recognition.steps,
        hz=timing.rate_hz,
        live=run.source.live,
        faces=run.gauge.faces,
        landmarks=run.setting.landmarks,
    )
