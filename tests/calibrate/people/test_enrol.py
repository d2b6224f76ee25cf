import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from stages import RecordedLandmarks, SyntheticFace

from calibrate.cli import main
from calibrate.data.clips import DataError
from calibrate.people import enrol
from calibrate.people.enrol import fit_personal_offset
from calibrate.people.enrol_at_camera import (
    FAKE_COUNT,
    GENUINE_COUNT,
    NEUTRAL_S,
    EnrolmentGuide,
    run_enrolment,
)
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import DemoClip
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceLost
from realtime.core.messages import Frame
from realtime.landmarks.face_reader import FaceReader
from realtime.person import saved_profile
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge import Gauge
from realtime.testing.fake_camera import FakeCamera
from realtime.verdict.calibration import PlattScaling

DEMO = Path(__file__).parents[3] / "realtime" / "capture" / "demo.mp4"
CALIBRATION = PlattScaling(1.2, -0.1, 0.03)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(saved_profile, "people_folder", lambda: tmp_path / "people")
    return tmp_path / "people"


def run(*options: str | Path) -> int:
    return main(["personal", *map(str, options)])


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    shutil.copy(DEMO, folder / "one.mp4")
    shutil.copy(DEMO, folder / "two.mp4")
    return folder


def test_clips_make_a_profile_that_is_shown_and_deleted(
    clips: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ann", "--clips", clips) == 0
    found = saved_profile.load("ann")
    assert (found.stats.clips, found.stats.expressions, found.bias_clips) == (2, 2, 2)
    assert found.personal_offset is None
    assert [path.name for path in home.iterdir()] == ["ann.json"]
    assert run("--list") == 0
    assert run("--show", "ann") == 0
    output = capsys.readouterr().out
    assert "numbers only, no picture" in output
    assert "the population's: no expression was labelled" in output
    assert run("ann", "--clips", clips) == 2
    assert run("--delete", "ann") == 0
    assert list(home.iterdir()) == []


def _labelled(clips: Path, *people: str, labels: tuple[str, str] = ("genuine", "fake")) -> None:
    """Label the two clips: by default the first genuine, the second fake."""
    (clips / "clips").mkdir()
    for path in clips.glob("*.mp4"):
        path.rename(clips / "clips" / path.name)
    rows_of = zip(("one", "two"), people, labels, strict=True)
    rows = [f"{clip},{who},surprise,{label}" for clip, who, label in rows_of]
    (clips / "labels.csv").write_text("\n".join(["clip,subject,emotion,label", *rows]))


def test_labels_fit_a_personal_calibration(clips: Path) -> None:
    _labelled(clips, "ann", "ann")
    assert run("ann", "--clips", clips) == 0
    found = saved_profile.load("ann")
    assert found.labelled == 2
    assert found.personal_offset is not None


@pytest.mark.parametrize(("label", "sign"), [("genuine", 1), ("fake", -1)])
def test_labels_move_the_calibration_towards_their_class(
    clips: Path, label: str, sign: int
) -> None:
    """Two clips with one score: both genuine raise the intercept, both fake lower it."""
    _labelled(clips, "ann", "ann", labels=(label, label))
    assert run("ann", "--clips", clips) == 0
    own = saved_profile.load("ann").personal_offset
    assert own is not None
    assert sign * own[1] > 0


def test_folders_of_clips_are_read_on_request(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "later").mkdir()
    for path in clips.glob("*.mp4"):
        path.rename(clips / "later" / path.name)
    (clips / "._one.mp4").touch()
    assert run("ann", "--clips", clips) == 1
    errors = capsys.readouterr().err
    assert "1 hidden file: ._one.mp4; 1 folder (--recursive reads it): later" in errors
    assert run("ann", "--recursive") == 2
    assert run("ann", "--clips", clips, "--recursive") == 0
    assert "1 hidden file: ._one.mp4\n" in capsys.readouterr().err
    assert saved_profile.load("ann").stats.clips == 2


def test_unlabelled_ignores_labels(clips: Path) -> None:
    _labelled(clips, "ann", "ann")
    assert run("ann", "--clips", clips, "--unlabelled") == 0
    found = saved_profile.load("ann")
    assert (found.labelled, found.personal_offset, found.stats.clips) == (0, None, 2)


def test_unusable_clips_are_skipped_by_name_and_the_others_count(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "text.mp4").write_text("no video")
    _film(clips / "grey.mp4", [np.full((240, 320, 3), 128, np.uint8)] * 30)
    film = cv2.VideoCapture(str(DEMO))
    _film(clips / "short.mp4", [cv2.resize(film.read()[1], (320, 240)) for _ in range(12)])
    assert run("ann", "--clips", clips) == 0
    output = capsys.readouterr().err
    assert "skipped text: " in output
    assert "skipped grey: no face in 30 frames" in output
    short = "no window in 1 of 3 clips, which are left out: they show no face for 0.8 s"
    assert f"note: {short} without a gap (short)\n" in output
    assert saved_profile.load("ann").stats.clips == 2


def test_labels_are_named_before_the_clips_are_read(
    clips: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file, an emotion that the bundle lacks, and one label only, each with a line."""
    _labelled(clips, "ann", "ann", labels=("fake", "fake"))
    labels = clips / "labels.csv"
    text = labels.read_text().replace("one,ann,surprise", "one,ann,suprise")
    labels.write_text(text + "\nthree,ann,surprise,fake\n")

    def stop(*asked: object) -> None:
        raise DataError("it began to work")

    monkeypatch.setattr(enrol, "track_clip", stop)
    assert run("ann", "--clips", clips) == 1
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert notes == [
        "note: 1 of 3 clips have no file: three",
        "note: all 3 clips are fake; want genuine and fake ones",
        "note: suprise: the bundle has no such emotion, so any emotion's scores are used;"
        " did you mean surprise?",
    ]


@pytest.mark.parametrize("missing", ["clips", "bundle", "labels"])
def test_missing_files_are_named_before_the_clips_are_read(
    missing: str, clips: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "track_clip", lambda _: pytest.fail("it began to work"))
    options = ["ann", "--clips", clips]
    if missing == "clips":
        options = ["ann", "--clips", clips / "nowhere"]
    elif missing == "bundle":
        options += ["--bundle", clips / "nowhere"]
    else:
        (clips / "labels.xlsx").touch()
    assert run(*options) == 1
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert ("labels.xlsx" if missing == "labels" else "nowhere") in error[0]


def _film(path: Path, pictures: list[np.ndarray]) -> None:
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (320, 240))
    for picture in pictures:
        out.write(picture)
    out.release()


def test_an_interrupted_session_saves_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*asked: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("calibrate.people.enrol.run_enrolment", leave)
    assert run("ann", "--replay", DEMO) == 1
    assert "you left; nothing is saved" in capsys.readouterr().err
    assert not home.exists()


def test_clips_of_several_people_make_no_profile(
    clips: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _labelled(clips, "ann", "bob")
    assert run("ann", "--clips", clips) == 1
    assert "shows 2 people (ann, bob)" in capsys.readouterr().err
    assert not home.exists()


def test_an_incomplete_session_saves_nothing_and_says_what_is_missing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo clip shows two expressions where six are wanted."""
    assert run("ann", "--replay", DEMO) == 1
    output = capsys.readouterr()
    assert "hold a neutral face" in output.out
    assert "nothing is saved" in output.err
    assert not home.exists()


def test_a_camera_that_is_unplugged_ends_the_session_and_saves_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = FakeCamera(
        [np.zeros((120, 160, 3), np.uint8), SourceLost("camera 0 gives no frames")], SystemClock()
    )
    monkeypatch.setattr("realtime.capture.factory._live", lambda spec, clock: gone)
    assert run("ann") == 1
    assert "camera 0 gives no frames; nothing is saved" in capsys.readouterr().err
    assert gone.closed
    assert not home.exists()


def test_a_frozen_camera_ends_the_session(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen neutral face would count as neutral, then wait for expressions forever."""
    frozen = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    frames = [Frame(i, i / 30, i / 30, frozen) for i in range(300)]
    monkeypatch.setattr(
        "realtime.capture.factory._live", lambda spec, clock: FakeCamera(frames, clock)
    )
    assert run("ann") == 1
    assert "the picture has not changed for 5 s; nothing is saved" in capsys.readouterr().err
    assert not home.exists()


def _pictures(count: int) -> list[Frame]:
    """Return pictures of which no two neighbours are equal."""
    noise = np.random.default_rng(0).integers(60, 200, (2, 48, 64, 3), np.uint8)
    return [Frame(i, i / 30, i / 30, noise[i % 2]) for i in range(count)]


@pytest.fixture(scope="module")
def recording() -> RecordedLandmarks:
    """Return landmarks of a person who smiles three times, then shows surprise three times."""
    bundle, recording = Bundle.load(DEFAULT_BUNDLE), RecordedLandmarks()
    glad, surprised = SyntheticFace(bundle, 1), SyntheticFace(bundle, 1, "surprise")
    recording.show_neutral(glad, NEUTRAL_S + 1.5)
    for expression in (glad, glad, glad, surprised, surprised, surprised):
        recording.show_expression(expression)
    return recording


class TestAWholeSession:
    """A session from the first frame to the file, with synthetic pictures and face detection."""

    @pytest.fixture(autouse=True)
    def camera(self, recording: RecordedLandmarks, monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
        camera = FakeCamera(_pictures(len(recording.points_px)), SystemClock())
        monkeypatch.setattr("realtime.capture.factory._live", lambda spec, clock: camera)
        monkeypatch.setattr("realtime.landmarks.face_reader.FaceReader", lambda *_: recording)
        return camera

    def test_it_saves_stats_bias_and_personal_offset(
        self,
        camera: FakeCamera,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        fitted: list[tuple[np.ndarray, np.ndarray, PlattScaling]] = []

        def spy(
            score: np.ndarray, genuine: np.ndarray, calibration: PlattScaling
        ) -> tuple[float, float] | None:
            fitted.append((score, genuine, calibration))
            return fit_personal_offset(score, genuine, calibration)

        monkeypatch.setattr("calibrate.people.enrol.fit_personal_offset", spy)
        assert run("ann") == 0
        found, ((score, genuine, calibration),) = saved_profile.load("ann"), fitted
        assert genuine.tolist() == [True] * GENUINE_COUNT + [False] * FAKE_COUNT
        assert np.ptp(score[:GENUINE_COUNT]) < abs(
            score[:GENUINE_COUNT].mean() - score[GENUINE_COUNT:].mean()
        )  # glad differs from surprised
        assert found.personal_offset == fit_personal_offset(score, genuine, calibration)
        assert (found.labelled, found.stats.expressions, found.bias_clips) == (6, 6, 6)
        assert found.bias != 0
        bundle = Bundle.load(DEFAULT_BUNDLE)
        assert found.bundle_sha256 == bundle.sha256
        assert calibration == stages.emotion_calibration(
            bundle.manifest.section("emotions").section("any")
        ).at(6)
        np.testing.assert_allclose(found.stats.neutral, SyntheticFace(bundle, 1).neutral, atol=0.01)
        output = capsys.readouterr().out
        steps = [
            output.index(line)
            for line in (
                "hold a neutral face",
                "let it show",
                "do not feel",
                "enrolment is complete",
            )
        ]
        assert steps == sorted(steps)
        assert camera.closed

    def test_unlabelled_it_saves_the_bias_but_no_offset(self) -> None:
        assert run("ann", "--unlabelled") == 0
        found = saved_profile.load("ann")
        assert (
            found.personal_offset,
            found.labelled,
            found.stats.expressions,
            found.bias_clips,
        ) == (None, 0, 6, 6)

    def test_where_the_last_expression_is_missing_nothing_is_saved(
        self,
        recording: RecordedLandmarks,
        home: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        camera = FakeCamera(_pictures(len(recording.points_px) - 90), SystemClock())
        monkeypatch.setattr("realtime.capture.factory._live", lambda spec, clock: camera)
        assert run("ann") == 1
        assert "nothing is saved. Still needed: pose an expression" in capsys.readouterr().err
        assert not home.exists()


def test_frames_of_no_use_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that go back: until they rise again nothing reaches the motion stage."""
    bundle = Bundle.load(DEFAULT_BUNDLE)
    motion, times_s = stages.create_motion_stage(bundle), list[float]()
    monkeypatch.setattr(
        motion, "add", lambda landmarks, clear: times_s.append(landmarks.captured_at_s)
    )
    with DemoClip(False, SystemClock()) as demo:
        frames = [frame for _ in range(20) if (frame := demo.read()) is not None]
    back = [replace(frame, captured_at_s=frame.captured_at_s - 5.0) for frame in frames[10:15]]
    source = FakeCamera([*frames[:10], *back, *frames[15:]], SystemClock())
    judge = stages.create_judge(bundle, stages.choose_emotion(bundle, "any"), "native")
    gauge = Gauge(FaceReader(), motion, judge)
    run_enrolment(source, gauge, EnrolmentGuide(labelled=True), lambda line: None)
    assert len(times_s) >= 10
    assert times_s == sorted(times_s)


@pytest.mark.parametrize(
    "options", [(), ("ann", "--list"), ("--list", "--show", "ann"), ("ann", "--delete", "ann")]
)
def test_one_thing_at_a_time(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*options) == 2
    assert "want one of NAME" in capsys.readouterr().err
