from pathlib import Path

import cv2
import numpy as np
import pytest
from synthetic import simulate, with_appearance

from calibrate.bundle import reader
from calibrate.cli import main
from calibrate.data.tracks import Track
from calibrate.evaluation.pairs import PairScorer
from calibrate.people.compare import Comparison, PairAccuracy, compare_scores, lines
from engines.bundle.bundle import Bundle, ManifestSection

DEMO = Path(__file__).parents[3] / "realtime" / "capture" / "demo.mp4"
NAMES = ("one.mp4", "two.mp4")


def touched(folder: Path, *names: str) -> list[str]:
    """Return the paths of files that hold their own names."""
    for name in names:
        (folder / name).write_text(name)  # two videos never hold the same bytes
    return [str(folder / name) for name in names]


def test_the_higher_score_is_the_more_genuine_and_only_their_difference_counts() -> None:
    assert compare_scores((1.0, 0.0), 1.0, True).more_genuine == 0
    assert compare_scores((0.0, 1.0), 1.0, True).more_genuine == 1
    assert compare_scores((6.0, 5.0), 1.0, True).certainty == pytest.approx(
        compare_scores((0.0, 1.0), 1.0, True).certainty
    )
    assert compare_scores((2.0, 0.0), 1.5, True).certainty == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert compare_scores((1e9, -1e9), 1.0, True).certainty <= 1


def test_the_lines_name_the_clip_and_the_certainty() -> None:
    assert lines(Comparison(1, 0.8, True), NAMES) == [
        "the more genuine of the two: two.mp4 (80% sure)"
    ]
    assert "too close to call" in lines(Comparison(0, 0.51, True), NAMES)[0]
    note, answer = lines(Comparison(0, 0.9, False), NAMES)
    assert "two people" in note
    assert "one.mp4" in answer


def test_the_answer_is_followed_by_how_often_it_is_right() -> None:
    accuracy = PairAccuracy(0.662, (0.598, 0.727))
    answer, right = lines(Comparison(1, 0.82, True), NAMES, accuracy)
    assert "82% sure" in answer
    assert right.endswith("in 66% of pairs (guessing: 50%; 95% interval 60% to 73%)")
    assert PairAccuracy(0.662).line().endswith("in 66% of pairs (guessing: 50%)")


def manifest(metrics: object) -> Bundle:
    section = ManifestSection("bundle.json", {"metrics": metrics})
    return Bundle(Path("bundle"), "", section, {})


def test_the_accuracy_is_that_of_the_report_in_the_bundle() -> None:
    pairs = {"right": 0.7, "low": 0.6, "high": 0.8}
    assert PairAccuracy.of(manifest({"knowing": {"pairs": pairs}})) == PairAccuracy(0.7, (0.6, 0.8))
    without = {"right": 0.7, "low": None, "high": None}
    assert PairAccuracy.of(manifest({"knowing": {"pairs": without}})) == PairAccuracy(0.7)


@pytest.mark.parametrize("metrics", [None, {}, {"knowing": {}}, {"knowing": {"pairs": {}}}])
def test_a_bundle_without_the_figure_has_no_accuracy(metrics: object) -> None:
    assert PairAccuracy.of(manifest(metrics)) is None


def test_a_clip_compared_with_itself_is_too_close_to_call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "both.png"
    assert main(["compare", str(DEMO), str(DEMO), "--emotion", "surprise", "-o", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:2] == [
        "note: A and B are the same video; film two takes to compare",
        "too close to call (50%)",
    ]
    assert captured.err.splitlines() == [f"reading {side} (demo.mp4) ..." for side in "AB"]
    assert out.exists()


@pytest.mark.parametrize("missing", [(0,), (1,), (0, 1)])
def test_missing_clips_are_named_before_any_work(
    missing: tuple[int, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "load_model", lambda _: pytest.fail("it began to work"))
    names = [f"nowhere{i}.mp4" if i in missing else str(DEMO) for i in range(2)]
    assert main(["compare", *names, "--emotion", "surprise"]) == 1
    wanted = " and no file ".join(names[i] for i in missing)
    assert f"there is no file {wanted}; check the path\n" in capsys.readouterr().err


def test_an_unknown_emotion_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(DEMO), str(DEMO), "--emotion", "boredom"]) == 2
    assert "no emotion 'boredom'; take one of anger, any" in capsys.readouterr().err


def test_a_clip_with_too_short_a_face_is_named_with_the_duration(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    film, short = cv2.VideoCapture(str(DEMO)), tmp_path / "short.mp4"
    out = cv2.VideoWriter(str(short), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 480))
    for _ in range(16):
        out.write(cv2.resize(film.read()[1], (640, 480)))
    out.release()
    assert main(["compare", str(DEMO), str(short), "--emotion", "surprise"]) == 1
    output = capsys.readouterr().err
    assert f"{short} shows a face for only 0.5 s without a gap; want 0.8 s" in output


def test_a_clip_with_a_cut_at_the_apex_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PairScorer, "scores", lambda *args: (1.0, None))
    assert main(["compare", str(DEMO), str(DEMO), "--emotion", "surprise"]) == 1
    assert f"{DEMO} has a cut at the apex; use another clip" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("both.xyz", "cannot draw {out}; want a name that ends in .png, .svg, .pdf, .jpg"),
        ("both", "cannot draw {out}; want a name that ends in .png, .svg, .pdf, .jpg"),
        ("nowhere/both.png", "cannot write {out}: {folder} is no folder that you may write to"),
    ],
)
def test_an_unwritable_picture_is_refused_before_any_work(
    out: str,
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def work(*args: object) -> None:
        raise AssertionError("work was started")

    monkeypatch.setattr("calibrate.people.compare.track_clip", work)
    monkeypatch.setattr("calibrate.bundle.reader.load_model", work)
    path = tmp_path / out
    assert main(["compare", str(DEMO), str(DEMO), "--emotion", "surprise", "-o", str(path)]) == 2
    output = capsys.readouterr().err.splitlines()
    assert len(output) == 1
    assert why.format(out=path, folder=path.parent) in output[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("people", "has_note"), [((0, 0), False), ((0, 1), True)])
def test_two_clearly_different_faces_are_noted(
    people: tuple[int, int],
    has_note: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Synthetic tracks: two clips of one person, or one clip of each of two people."""
    tracks = with_appearance(simulate(2, 2, seed=0, emotions=("surprise",)))
    shown: list[Track] = [tracks[2 * people[0]], tracks[2 * people[1] + 1]]
    monkeypatch.setattr("calibrate.people.compare.track_clip", lambda clip: shown[int(clip.name)])
    clips = touched(tmp_path, "0", "1")
    assert main(["compare", *clips, "--emotion", "surprise"]) == 0
    assert ("these look like two people" in capsys.readouterr().out) is has_note


def test_scores_and_plot_use_the_same_windows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    used: list[object] = []

    class RecordingScorer(PairScorer):
        def __init__(self, model: object, windows: object) -> None:
            used.append(windows)

        def scores(self, *asked: object) -> tuple[float, float]:
            return 1.0, 0.0

    tracks = with_appearance(simulate(1, 2, seed=0, emotions=("surprise",)))
    command = "calibrate.commands.compare"
    monkeypatch.setattr("calibrate.people.compare.track_clip", lambda clip: tracks[int(clip.name)])
    monkeypatch.setattr(f"{command}.PairScorer", RecordingScorer)
    monkeypatch.setattr(f"{command}.different_people", lambda _: [])
    monkeypatch.setattr(
        f"{command}.draw_comparison", lambda _, windows, *rest: used.append(windows)
    )
    out = str(tmp_path / "both.png")
    clips = touched(tmp_path, "0", "1")
    assert main(["compare", *clips, "--emotion", "surprise", "-o", out]) == 0
    assert len(used) == 2
    assert len(set(map(id, used))) == 1
