"""Which gauge a run needs: what is checked at once, and what is loaded on demand."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from simulated_run import FaceEverywhere

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.model.weights import weight_count
from realtime.core.errors import UsageError
from realtime.core.messages import Frame
from realtime.core.tracing import NO_TRACING, Tracer
from realtime.landmarks.expression_reader import ExpressionReader
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import gauge_spec
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge_spec import NO_READ_OUT, GaugeSpec

READER_MODULE = "realtime.landmarks.face_reader"


@pytest.fixture
def saved(bundle: Bundle) -> SavedPerson:
    neutral = stages.population(bundle).neutral
    return SavedPerson(
        PersonStats(10.0, neutral, np.full_like(neutral, 0.01), 10.0), bundle.sha256, 0.5, 10.0
    )


def test_an_emotion_that_the_bundle_lacks_is_refused_at_once(bundle: Bundle) -> None:
    with pytest.raises(UsageError, match="no emotion 'joy'; choose one of anger, any"):
        GaugeSpec.of(bundle, "joy")


def test_auto_picks_the_engine_by_the_largest_network_of_the_emotion(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(
        gauge_spec, "choose_engine", lambda weights: (sizes.append(weights) or "native-fp16", "")
    )
    assert GaugeSpec.of(bundle, "fear").engine == "native-fp16"
    assert sizes == [weight_count(bundle.network("any-0").shape)]


def test_a_named_engine_is_left_as_it_is(bundle: Bundle) -> None:
    assert GaugeSpec.of(bundle, "fear", "tensorrt").engine == "tensorrt"


def test_the_setting_shows_what_was_asked_for_and_the_timing_of_the_bundle(bundle: Bundle) -> None:
    setting = GaugeSpec.of(bundle, "contempt", "onnx").setting("camera 0", "ann")
    assert (setting.source, setting.emotion, setting.engine, setting.person) == (
        "camera 0",
        "contempt",
        "onnx",
        "ann",
    )
    assert (setting.window_s, setting.stride_s) == (1.6, 0.2)


def test_with_a_given_reader_the_face_reader_is_not_imported(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, READER_MODULE, None)  # importing it raises
    reader, tracer = FaceEverywhere(), Tracer()
    gauge = GaugeSpec.of(bundle, "fear", "native").load(tracer, reader=reader)
    assert gauge.reader is reader
    assert gauge.tracer is tracer
    assert gauge.judge.emotion == "fear"
    step = gauge.step(Frame(0, 0.0, 0.0, np.zeros((4, 4, 3), np.uint8)))
    assert step.tick is not None
    assert gauge.read(step.tick).p_genuine is None


def test_without_a_reader_a_face_reader_is_created_and_warmed_up(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    class FaceReader(FaceEverywhere):
        def __init__(
            self, tracker: None, predictor: None, tracer: Tracer, expressions: object
        ) -> None:
            calls.append(tracer)
            assert isinstance(expressions, ExpressionReader)

        def warm_up(self) -> None:
            calls.append("warm-up")

    double = ModuleType(READER_MODULE)
    double.FaceReader = FaceReader  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, READER_MODULE, double)
    gauge = GaugeSpec.of(bundle, "fear", "native").load()
    assert isinstance(gauge.reader, FaceReader)
    assert calls == [NO_TRACING, "warm-up"]


def test_engines_are_warmed_up_for_the_window_of_the_bundle(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[int] = []
    monkeypatch.setattr(
        "engines.native.engine.NativeEngine.warm_up",
        lambda self, frames, progress: warmed.append(frames),
    )
    GaugeSpec.of(bundle, "fear", "native").load(reader=FaceEverywhere())
    assert set(warmed) == {stages.window_timing(bundle).frames}


def test_the_expected_person_starts_with_saved_stats_and_bias(
    bundle: Bundle, saved: SavedPerson
) -> None:
    gauge = GaugeSpec.of(bundle, "any", "native", saved).load(reader=FaceEverywhere())
    person = gauge.motion.person
    assert (person.is_expected, person.known_expressions) == (True, 10)
    assert gauge.judge.bias == (0.5, 10.0)
    stranger = GaugeSpec.of(bundle, "any", "native").load(reader=FaceEverywhere())
    assert not stranger.motion.person.is_expected
    assert stranger.judge.bias == (0.0, 0.0)


def test_a_bundle_without_a_read_out_is_told(bundle: Bundle) -> None:
    assert GaugeSpec.of(bundle, "fear", "native").notice == ""
    assert "contempt" in GaugeSpec.of(bundle, "contempt", "native").notice
    values = {k: v for k, v in bundle.manifest.values.items() if k != stages.EXPRESSION}
    old = replace(bundle, manifest=replace(bundle.manifest, values=values))
    assert GaugeSpec.of(old, "fear", "native").notice == NO_READ_OUT


def test_a_spec_alone_loads_no_heavy_library() -> None:
    code = f"""if True:
        import sys
        from pathlib import Path
        from engines.bundle.bundle import Bundle
        from realtime.runtime.gauge_spec import NO_READ_OUT, GaugeSpec
        GaugeSpec.of(Bundle.load(Path({str(DEFAULT_BUNDLE)!r})), "any")
        print(*sorted({{"dlib", "numba", "torch", "xgboost", "onnxruntime"}} & set(sys.modules)))
    """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == ""


def test_the_gauges_of_several_faces_share_models_that_the_group_closes(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(
        "engines.native.engine.NativeEngine.close", lambda self: closed.append(self.network.name)
    )
    group = GaugeSpec.of(bundle, "fear", "native", faces=2).load_group()
    assert len(group.gauges) == 2
    one, other = (gauge.judge._recognisers._engines for gauge in group.gauges)
    assert one == other
    assert {gauge.watch is None for gauge in group.gauges} == {False}
    assert group.gauges[0].motion.person is not group.gauges[1].motion.person
    with pytest.raises(RuntimeError, match="one of a group"):
        group.gauges[0].step(Frame(0, 0.0, 0.0, np.zeros((4, 4, 3), np.uint8)))
    group.close()
    assert sorted(closed) == sorted(one)


def test_one_face_is_a_gauge_alone(bundle: Bundle) -> None:
    assert GaugeSpec.of(bundle, "fear", "native").load_group().first_id is None


@pytest.mark.parametrize("at_s", [-1.0, float("nan"), float("inf")])
def test_a_time_of_the_neutral_that_is_none_is_refused(bundle: Bundle, at_s: float) -> None:
    with pytest.raises(UsageError, match=f"neutral_at_s is {at_s}; want seconds"):
        GaugeSpec.of(bundle, "fear", neutral_at_s=at_s)


def test_a_saved_person_has_a_neutral_already(bundle: Bundle, saved: SavedPerson) -> None:
    with pytest.raises(UsageError, match="neutral face is known, and neutral_at_s is 2"):
        GaugeSpec.of(bundle, "fear", "native", saved, neutral_at_s=2.0)


def test_faces_that_cannot_be_followed_are_refused(bundle: Bundle, saved: SavedPerson) -> None:
    for faces in (0, 9):
        with pytest.raises(UsageError, match=f"faces is {faces}; want 1 to 8"):
            GaugeSpec.of(bundle, "fear", faces=faces)
    with pytest.raises(UsageError, match="a saved person is expected alone, and faces is 2"):
        GaugeSpec.of(bundle, "fear", "native", saved, faces=2)
