"""What may be named as a source and a gauge, and the one line about everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.errors import BundleRefused
from realtime.api.inputs import choose_gauge, choose_source
from realtime.capture.frame_sequence import FrameSequence
from realtime.capture.live.reconnect import ReconnectingSource
from realtime.capture.video_file import VideoFile
from realtime.core.errors import UsageError
from realtime.person import saved_profile
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages

FACE = KnownFace(np.zeros(128, np.float32), 5)


@pytest.mark.parametrize("source", ["clip.mp4", Path("clip.mp4"), "with spaces/and:colon.avi"])
@pytest.mark.parametrize("paced", [True, False])
def test_a_path_is_a_file(source: str | Path, paced: bool, clock) -> None:
    chosen = choose_source(source, paced, clock)
    assert isinstance(chosen, VideoFile)
    assert not chosen.live


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("rtsp://127.0.0.1/live", "stream"),
        ("http://127.0.0.1/a.mjpeg", "stream"),
        (0, "camera"),
        (np.int64(2), "camera"),
        ("/dev/video0", "camera"),
    ],
)
def test_addresses_and_cameras_are_live_and_recover(source, kind: str, clock) -> None:
    chosen = choose_source(source, False, clock)
    assert isinstance(chosen, ReconnectingSource)
    assert chosen.kind == kind
    assert chosen.live


def test_any_iterable_is_one_of_frames(clock) -> None:
    for source in ([], iter([]), ((np.zeros((4, 4, 3), np.uint8), n) for n in range(3))):
        assert isinstance(choose_source(source, False, clock), FrameSequence)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (None, "the source is a NoneType; want a path, an address, a camera's number"),
        (1.5, "the source is a float; want"),
        (True, "the source is a bool; want"),
        (b"clip.mp4", "the source is a bytes; want"),
        (np.zeros((4, 4, 3), np.uint8), "the source is a ndarray; want"),
        ("", "the source is named ''; want the path"),
        ("a\0b", "the source is named"),
        (-1, "'-1'; want a number"),
        ("ftp://127.0.0.1/a", "has scheme 'ftp'"),
    ],
)
def test_anything_else_is_one_line(source: object, says: str, clock) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        choose_source(source, False, clock)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("source", [0, "rtsp://127.0.0.1/live", []])
def test_only_a_file_can_be_paced(source: object, clock) -> None:
    with pytest.raises(UsageError, match="paced=True is for files"):
        choose_source(source, True, clock)  # type: ignore[arg-type]


def test_emotion_engine_bundle_and_person_are_checked_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no emotion 'joy'; choose one of anger"):
        choose_gauge("joy", None, "auto", None)
    with pytest.raises(UsageError, match="unknown engine 'warp'; choose one of auto"):
        choose_gauge("any", None, "warp", None)
    with pytest.raises(BundleRefused):
        choose_gauge("any", None, "auto", tmp_path)
    with pytest.raises(UsageError, match="the bundle is a int; want a path"):
        choose_gauge("any", None, "auto", 3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no saved person named nobody"):
        choose_gauge("any", "nobody", "auto", None)


def test_the_packaged_bundle_is_the_default_and_another_may_be_named() -> None:
    for bundle in (None, DEFAULT_BUNDLE, str(DEFAULT_BUNDLE)):
        assert choose_gauge("any", None, "auto", bundle).bundle.path == DEFAULT_BUNDLE


def test_another_emotion_that_answers_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="no data for contempt yet"):
        assert choose_gauge("contempt", None, "auto", None).emotion.emotion == "any"


def save_person(bundle_sha256: str, bundle: Bundle, face: KnownFace | None = FACE) -> Path:
    """Save ann and return her file."""
    neutral = stages.population(bundle).neutral
    stats = PersonStats(10.0, neutral, np.full_like(neutral, 0.01), 10.0)
    return saved_profile.save("ann", SavedPerson(stats, bundle_sha256, 0.5, 10.0, face=face))


def test_a_profile_of_another_bundle_is_a_warning(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    save_person("0" * 64, bundle)
    with pytest.warns(UserWarning, match="ann was saved with another bundle"):
        assert choose_gauge("any", "ann", "auto", None).expected_person is not None


def test_a_profile_without_a_face_is_a_warning(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    save_person(bundle.sha256, bundle, face=None)
    with pytest.warns(UserWarning, match="without a face descriptor .*: enrol again"):
        assert choose_gauge("any", "ann", "auto", None).expected_person is not None


def test_a_person_is_named_or_is_a_file(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = save_person(bundle.sha256, bundle).rename(tmp_path / "moved.json")
    monkeypatch.chdir(tmp_path)
    for person in (path, str(path), "moved.json", "./moved.json", Path("moved.json")):
        expected = choose_gauge("any", person, "auto", None).expected_person
        assert expected is not None
        assert expected.bias == 0.5
    for named, says in (("ann", "no saved person named ann"), ("ann.json", "Check the path")):
        with pytest.raises(UsageError, match=says):
            choose_gauge("any", named, "auto", None)
