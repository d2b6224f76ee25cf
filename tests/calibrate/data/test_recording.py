from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from recordings import recording_of
from synthetic import simulate

import realtime
from calibrate.data.clips import Clip, DataError
from calibrate.data.recording import (
    ClipRecording,
    RecordedReader,
    load_recording,
    record_clip,
    replay_recording,
    save_recording,
)
from calibrate.data.replay_track import NO_IMAGE
from engines.bundle.bundle import Bundle
from realtime.capture.demo import CLIP
from realtime.capture.playback import DEMO_NEUTRAL_AT_S, PlaybackRange
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.labels import GENUINE
from realtime.core.messages import Frame
from realtime.landmarks.appearance import APPEARANCE
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.verdict.reading import make_verdict
from realtime.view.records.rows import verdict_row

UNTIL_S = 3.0


@pytest.fixture(scope="module")
def spec(bundle: Bundle) -> GaugeSpec:
    return GaugeSpec.of(bundle, "happiness", "native", neutral_at_s=DEMO_NEUTRAL_AT_S)


@pytest.fixture(scope="module")
def recording(spec: GaugeSpec) -> ClipRecording:
    """Return a recording of the first seconds of the demo clip."""
    part = PlaybackRange(to_s=UNTIL_S)
    source = VideoFile(CLIP, paced=False, clock=SystemClock(), playback=part)
    return record_clip(Clip("demo", CLIP, "p", "any", GENUINE), source, spec.load())


def read(recording: ClipRecording, spec: GaugeSpec) -> Iterator[dict[str, object]]:
    gauge = spec.load(reader=RecordedReader(recording))
    for tick in replay_recording(recording, gauge):
        yield verdict_row(make_verdict(tick, gauge.read(tick), tick.read_at_s)) | {"age_ms": 0}


def test_a_recording_is_judged_as_the_gauge_judges_the_file(
    recording: ClipRecording, spec: GaugeSpec
) -> None:
    """Everything but the ages: nothing that the gauge reads may be missing in a recording."""
    watched = []
    watch = partial(realtime.watch, engine="native", neutral_at_s=DEMO_NEUTRAL_AT_S)
    for reading in watch(CLIP, "happiness"):
        if reading.at_s > UNTIL_S:
            break
        watched.append(reading.row() | {"age_ms": 0})
    found = list(read(recording, spec))
    assert len(found) > 10
    assert any(row["p_genuine"] is not None or row["misfit"] is not None for row in found)
    assert found == watched[: len(found)]
    assert len(watched) - len(found) <= 1  # the end of the range may fall between two ticks


def test_what_is_saved_is_read_again_and_is_private(
    recording: ClipRecording, spec: GaugeSpec, tmp_path: Path
) -> None:
    path = tmp_path / "one.npz"
    save_recording(path, recording)
    assert path.stat().st_mode & 0o777 == 0o600
    again = load_recording(path)
    assert list(read(again, spec)) == list(read(recording, spec))
    np.testing.assert_array_equal(again.track.descriptors, recording.track.descriptors)
    assert len(again.track.descriptors) >= 3
    assert (again.hz, again.face_share) == (recording.hz, 1.0)
    assert again.mean_hz == pytest.approx(30, abs=0.5)


def test_expression_read_outs_are_kept(tmp_path: Path) -> None:
    (track,) = simulate(1, 1, seed=0)
    shown = np.random.default_rng(0).random((len(track.times_s), 2)).astype(np.float32)
    shown[3] = np.nan  # no read-out of this frame
    names = ("smile", "squint")
    save_recording(
        tmp_path / "one.npz",
        recording_of(replace(track, expressions=shown, expression_names=names)),
    )
    reader = RecordedReader(load_recording(tmp_path / "one.npz"))
    frames = [Frame(i, at_s, at_s, NO_IMAGE) for i, at_s in enumerate(track.times_s.tolist())]
    found = [landmarks.expression for _, landmarks in map(reader.read, frames) if landmarks]
    assert found[3] is None
    assert found[4] is not None
    assert found[4].by_name() == pytest.approx(dict(zip(names, shown[4].tolist(), strict=True)))


def test_anything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"one\.npz is no recording .* delete it and run again"):
        load_recording(path)
    (track,) = simulate(1, 1, seed=0)
    whole = recording_of(track)
    with pytest.raises(DataError, match=r"frames, .* of them with points"):
        ClipRecording(track, whole.times_s[1:], *_frames(whole), hz=30.0)


def _frames(whole: ClipRecording) -> tuple[np.ndarray, ...]:
    return whole.boxes_px, whole.psr, whole.box_source, whole.shows_points, whole.quality


def test_the_appearance_is_kept(tmp_path: Path) -> None:
    (track,) = simulate(1, 1, seed=0)
    looks = np.random.default_rng(0).normal(0, 1, (len(track.times_s), APPEARANCE))
    seen = replace(track, appearance=looks.astype(np.float32))
    save_recording(tmp_path / "one.npz", recording_of(seen))
    reader = RecordedReader(load_recording(tmp_path / "one.npz"))
    frames = [Frame(i, at_s, at_s, NO_IMAGE) for i, at_s in enumerate(track.times_s.tolist())]
    found = [landmarks.appearance for _, landmarks in map(reader.read, frames) if landmarks]
    np.testing.assert_array_equal(np.array(found), seen.appearance)
