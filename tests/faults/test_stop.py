"""stop() in every state joins all threads within 2 s and releases the camera."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from servers import wait_until
from simulated_run import picture, pipeline_over

from realtime.capture.live.reconnect import ReconnectingSource
from realtime.core.clock import SystemClock
from realtime.core.errors import StageDied
from realtime.runtime.pipeline import Pipeline
from realtime.runtime.threads import JOIN_S
from realtime.testing.fake_camera import FakeCamera, Freeze, Nothing, Pause, Step, Unplug

FOREVER_S = 1e9
MakePipeline = Callable[..., tuple[Pipeline, FakeCamera]]


@pytest.fixture
def make_pipeline() -> MakePipeline:
    def make(script: list[Step], **options: object) -> tuple[Pipeline, FakeCamera]:
        clock = SystemClock()
        camera = FakeCamera(script, clock)
        return pipeline_over(ReconnectingSource(camera, clock), clock, **options), camera

    return make


STATES: dict[str, list[Step]] = {
    "before the first picture": [Pause(FOREVER_S)],
    "a read that never returns": [picture(0), Freeze()],
    "unplugged": [picture(0), Unplug(FOREVER_S)],
    "empty reads": [picture(0), Nothing(FOREVER_S)],
    "at the end": [picture(0)],
}


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_stop_joins_all_and_releases_the_camera(
    make_pipeline: MakePipeline, state: str, lossless: bool
) -> None:
    assert JOIN_S == 2.0  # the documented bound; `stop` names the threads it abandoned
    pipeline, camera = make_pipeline(STATES[state], lossless=lossless)
    pipeline.start()
    wait_until(lambda: camera.opened)
    assert pipeline.stop() == []
    assert camera.closed
    assert not {"capture", "vision", "recognition"} & {
        thread.name for thread in threading.enumerate()
    }
    assert pipeline.stop() == []


def test_stop_before_start_is_harmless(make_pipeline: MakePipeline) -> None:
    assert make_pipeline([picture(0)])[0].stop() == []


def test_a_stage_that_hangs_is_named_and_abandoned(
    make_pipeline: MakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.runtime.threads.JOIN_S", 0.1)
    release, hanging = threading.Event(), threading.Event()

    def hang(frame: object) -> None:
        hanging.set()
        release.wait()

    pipeline, _ = make_pipeline([picture(0)])
    monkeypatch.setattr(pipeline._gauges.gauges[0].reader, "read", hang)
    pipeline.start()
    assert hanging.wait(30.0)
    monkeypatch.setattr(pipeline._threads, "join", lambda join=pipeline._threads.join: join(0.1))
    assert pipeline.stop() == ["vision"]
    release.set()


@pytest.mark.parametrize("stage", ["capture", "vision", "recognition"])
def test_a_stage_that_raises_ends_the_run_with_its_traceback_in_the_log(
    make_pipeline: MakePipeline,
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pipeline, _ = make_pipeline([picture(number % 50) for number in range(60)], lossless=True)
    broken = {
        "capture": (pipeline._source, "read"),
        "vision": (pipeline._gauges.gauges[0].reader, "read"),
        "recognition": (pipeline._gauges.gauges[0].judge, "read"),
    }

    def fail(*_: object) -> None:
        raise ZeroDivisionError(f"broken {stage}")

    monkeypatch.setattr(*broken[stage], fail)
    with caplog.at_level(logging.ERROR, "realtime"):
        pipeline.start()
        wait_until(lambda: not pipeline.running)
        assert pipeline.stop() == []
    with pytest.raises(
        StageDied, match=f"the {stage} stage died: ZeroDivisionError: broken {stage}"
    ) as died:
        pipeline.raise_failure()
    assert "\n" not in str(died.value)
    assert f"the {stage} stage died" in caplog.text
    assert "Traceback" in caplog.text
