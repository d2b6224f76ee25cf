from __future__ import annotations

import pytest

from realtime.capture.demo import DemoClip
from realtime.capture.playback import PlaybackRange
from realtime.core.tracing import NO_TRACING, Tracer
from realtime.profiling.profiler import Profiler
from realtime.tools import profiling_overhead as module


def test_the_report_compares_medians_and_scales_the_cost_of_a_span_to_a_frame(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain_s, tracers = iter([0.010, 0.030, 0.011, 0.009, 0.009, 0.010, 0.012]), list[Tracer]()

    def frame_s(spans: Tracer) -> tuple[float, float]:
        tracers.append(spans)
        return (0.0125, 5.0) if isinstance(spans, Profiler) else (next(plain_s), 0.0)

    monkeypatch.setattr(module, "frame_s", frame_s)
    monkeypatch.setattr(module, "span_s", lambda profile: 20e-6)
    module.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a span costs 20.0 us; a frame has 5.0: 0.30 % of its 33 ms"
    assert lines[1] == "a frame takes 10.00 ms of CPU time, 12.50 ms with a profile"
    assert lines[2] == "(medians of 7; interquartile range without a profile 3.00 ms)"
    assert [isinstance(one, Profiler) for one in tracers] == [False, True] * 7


def test_the_cost_of_a_span_is_the_mean_over_all(monkeypatch: pytest.MonkeyPatch, clock) -> None:
    clock.tick_s = 1e-6  # of each of the clock's two readings in a span
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock.time_s)
    assert module.span_s(Profiler(clock)) == pytest.approx(2e-6)


def test_a_frame_of_the_demo_clip_is_measured_through_the_whole_pipeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second of the clip, which is 31 frames."""
    first_second, spent_s = PlaybackRange(to_s=1.0), iter([3.0, 3.31])
    monkeypatch.setattr(
        module, "DemoClip", lambda paced, clock: DemoClip(paced, clock, first_second)
    )
    monkeypatch.setattr(module.time, "process_time", lambda: next(spent_s))
    seconds, spans = module.frame_s(NO_TRACING)
    assert seconds == pytest.approx(0.31 / 31)
    assert spans == 0
