"""Generation mode: movement from a prototype in numbers and pictures, and its fidelity."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence
from synthetic import FACE

from calibrate.bundle.reader import load_networks
from calibrate.bundle.writer import write_networks
from calibrate.cli import main
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import save_tracks
from calibrate.evaluation.generation_fidelity import (
    HEARING,
    Fidelity,
    cosine,
    lines,
    mean_clip,
    measure_fidelity,
)
from calibrate.generation import drawing
from calibrate.generation.generate import GeneratedStream, from_neutral, generate_stream, write
from calibrate.learning.batches import Augmentation
from calibrate.learning.fit import LearnedNetworks, LearningConfig, learn_networks
from calibrate.learning.prototypes import class_prototypes, encoded_windows, fitted_pbs
from calibrate.learning.train import TrainingConfig
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.model.shape import NetworkShape
from engines.registry import create_engine
from realtime.core.errors import RecordError, UsageError
from realtime.landmarks.points40 import FACE_LINES, FIRST_MIDPOINT
from realtime.motion.align import align_to_eyes
from realtime.verdict.gate import Gate

OPEN = Gate(0.0, 0.0, 255.0, 1.0, 0.0, 0.0)
BROWS, CORNERS, LOWER_LIP = slice(10), [28, 32], [33, 34, 35]


@pytest.fixture(scope="module")
def learned(data: Dataset, inside: np.ndarray) -> LearnedNetworks:
    """Return networks that play: one emotion is trained long enough, the others hardly."""
    recipe = TrainingConfig(
        NetworkShape(32, 1), epochs=2, batch=16, learning_rate=1e-2, ticks=(LIVE.frames,)
    )
    plan = LearningConfig(
        recipe,
        Augmentation(shift_s=0, noise=0.05, mixup=0, draws=((3, 2),)),
        single_emotion_epochs_factor=60,
        ensemble_size=1,
        held_out_folds=2,
        known_clip_counts=(3,),
    )
    without = learn_networks(data, inside, plan, lambda done: None)
    return replace(without, prototypes=class_prototypes(without, without.windows(data), inside))


@pytest.fixture(scope="module")
def folder(learned: LearnedNetworks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("learned")
    write_networks(out, learned, LIVE, OPEN)
    return out


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return Bundle.load(folder)


def face(frames: int = 3) -> np.ndarray:
    """Return the face of the simulator (T, 40, 2) in eye coordinates, its mouth opening."""
    points = np.repeat(align_to_eyes(FACE).reshape(2, 40).T[None], frames, axis=0)
    points[:, LOWER_LIP, 1] += np.linspace(0, 0.3, frames)[:, None]
    return points.astype(np.float32)


def read(film: Path) -> tuple[list[np.ndarray], float]:
    """Return the pictures of an animation and its length in s; a GIF merges equal pictures."""
    video, pictures = cv2.VideoCapture(str(film)), []
    while (found := video.read())[0]:
        pictures.append(found[1].astype(int))
    if film.suffix == ".mp4":
        return pictures, len(pictures) / video.get(cv2.CAP_PROP_FPS)
    with Image.open(film) as gif:
        return pictures, sum(frame.info["duration"] for frame in ImageSequence.Iterator(gif)) / 1000


def test_a_movement_begins_neutral_and_lasts_a_window(
    bundle: Bundle, learned: LearnedNetworks
) -> None:
    stream = generate_stream(bundle, "surprise", "genuine")
    assert stream.points.shape == (LIVE.frames, 40, 2)
    assert stream.rate_hz == LIVE.rate_hz
    neutral = learned.population.neutral
    np.testing.assert_allclose(
        stream.points[0], np.stack((neutral[:40], neutral[40:]), axis=1), atol=1e-6
    )
    assert generate_stream(bundle, "surprise", "genuine", 3.0).points.shape == (30, 40, 2)


def test_a_movement_is_the_closed_loop_output_in_points(
    bundle: Bundle, learned: LearnedNetworks
) -> None:
    stream = generate_stream(bundle, "happiness", "fake")
    network, pb = learned.networks["happiness"], learned.prototypes["happiness"]["fake"]
    folded = create_engine("torch", network).generate(
        pb[None], np.zeros((1, 80), np.float32), LIVE.frames - 1
    )[0]
    people = learned.population
    shapes = people.neutral + learned.basis.decode(folded) * people.movement_range
    np.testing.assert_allclose(stream.points[1:, :, 0], shapes[:, :40], atol=1e-4)
    np.testing.assert_allclose(stream.points[1:, :, 1], shapes[:, 40:], atol=1e-4)


def test_each_emotion_and_class_plays_its_own_movement(bundle: Bundle) -> None:
    asked = [(e, label) for e in ("any", "happiness", "surprise") for label in ("genuine", "fake")]
    streams = [generate_stream(bundle, *one).points for one in asked]
    for i, one in enumerate(streams):
        assert all(np.abs(one - other).max() > 1e-3 for other in streams[i + 1 :])


def test_a_surprised_face_lifts_its_brows_and_opens_its_mouth_and_a_smile_does_not(
    bundle: Bundle,
) -> None:
    """As the simulator draws them: y is downwards, the eyes are one apart."""
    for label in ("genuine", "fake"):
        surprised, smiling = (
            generate_stream(bundle, emotion, label).points for emotion in ("surprise", "happiness")
        )
        surprise, smile = (face[-6:].mean(axis=0) - face[0] for face in (surprised, smiling))
        assert surprise[BROWS, 1].mean() < -0.02
        assert surprise[LOWER_LIP, 1].mean() > 0.04
        assert smile[CORNERS, 1].mean() < -0.02
        assert smile[32, 0] - smile[28, 0] > 0.04
        assert abs(smile[BROWS, 1].mean()) < 0.5 * abs(surprise[BROWS, 1].mean())


def test_prototypes_are_nearer_to_their_own_class(
    learned: LearnedNetworks, data: Dataset, inside: np.ndarray
) -> None:
    found = measure_fidelity(learned, data, inside)
    assert [(one.emotion, one.label) for one in found] == [
        (emotion, label) for emotion in ("happiness", "surprise") for label in ("genuine", "fake")
    ]
    assert all(one.holds for one in found)


def test_recognition_of_packaged_prototype_movements_returns_their_pbs() -> None:
    """Uses the packaged networks: those a test trains in seconds are not good enough."""
    packaged, timing, _ = load_networks(DEFAULT_BUNDLE)
    for name, by_label in packaged.prototypes.items():
        prototypes = np.stack(list(by_label.values()))
        network = packaged.networks[name]
        played = from_neutral(network, prototypes, timing.frames)
        again = fitted_pbs(network, played, np.full(len(played), timing.frames), HEARING)
        assert cosine(prototypes, again).min() >= 0.95, name


def test_swapped_prototypes_fail_the_fidelity_check(
    learned: LearnedNetworks, data: Dataset, inside: np.ndarray
) -> None:
    swapped = {
        n: {"genuine": p["fake"], "fake": p["genuine"]} for n, p in learned.prototypes.items()
    }
    assert not any(
        one.holds for one in measure_fidelity(replace(learned, prototypes=swapped), data, inside)
    )


def test_a_prototype_without_movement_fails_the_fidelity_check() -> None:
    assert Fidelity("fear", "fake", 1.0, 2.0, 3.0, 1.0, 1.0).holds
    assert not Fidelity("fear", "fake", 2.0, 2.0, 3.0, 1.0, 1.0).holds
    assert not Fidelity("fear", "fake", 1.5, 2.0, 1.4, 1.0, 1.0).holds


def test_an_emotion_passes_when_both_classes_pass() -> None:
    good, bad = (
        Fidelity("fear", "fake", 1.0, 2.0, 3.0, 0.99, 0.98),
        Fidelity("fear", "genuine", 3.0, 2.0, 3.0, 0.99, 0.98),
    )
    assert lines([good, replace(good, label="genuine")])[-1].startswith("1 of 1 ")
    assert lines([good, bad])[-1].startswith("0 of 1 ")
    assert "1000.00 2000.00 3000.00   0.990        0.980" in lines([good, bad])[1]


def test_the_mean_clip_is_over_the_frames_of_each_window() -> None:
    windows = np.stack((np.full((4, 80), 1.0), np.full((4, 80), 3.0))).astype(np.float32)
    np.testing.assert_allclose(mean_clip(windows, np.array([4, 2]))[:, 0], [2, 2, 1, 1])


def test_recognition_returns_the_pb_of_a_generated_clip(
    learned: LearnedNetworks, data: Dataset, outside: np.ndarray
) -> None:
    network, surprised = (
        learned.networks["surprise"],
        outside[data.emotions[outside] == "surprise"][:6],
    )
    pbs = fitted_pbs(network, *encoded_windows(learned, learned.windows(data), surprised))
    played = from_neutral(network, pbs, LIVE.frames)
    again = fitted_pbs(
        network, played, np.full(6, LIVE.frames), tuple(np.geomspace(0.5, 0.01, 80).tolist())
    )
    found = np.sort(cosine(pbs, again))
    assert (
        found[1] >= 0.95
    )  # one of six may have an inactive ReLU, and another PB plays the same movement
    assert found.mean() >= 0.95
    assert cosine(pbs, again[::-1]).mean() < cosine(pbs, again).mean()


@pytest.mark.parametrize("label", ["genuine", "fake"])
def test_numbers_are_written_unchanged(label: str, bundle: Bundle, tmp_path: Path) -> None:
    stream = generate_stream(bundle, "any", label)
    write(tmp_path / "out.npz", [stream])
    with np.load(tmp_path / "out.npz") as file:
        np.testing.assert_array_equal(file["points"], stream.points)
        assert file["rate_hz"] == LIVE.rate_hz


@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_pictures_show_both_classes_side_by_side_at_the_frame_rate(
    ending: str, tmp_path: Path
) -> None:
    out = tmp_path / f"out{ending}"
    write(out, [GeneratedStream("fear", label, face(11), 10.0) for label in ("genuine", "fake")])
    pictures, lasts_s = read(out)
    assert lasts_s == pytest.approx(1.0 + 2 * drawing.HELD_S, abs=0.11)
    assert pictures[0].shape == (drawing.SIZE_PX[1], 2 * drawing.SIZE_PX[0], 3)
    blue_minus_red = pictures[-1][..., 0] - pictures[-1][..., 2]
    assert blue_minus_red[:, : drawing.SIZE_PX[0]].max() > 100
    assert blue_minus_red[:, drawing.SIZE_PX[0] :].min() < -100
    assert np.abs(pictures[-1] - pictures[0]).max() > 50


def test_a_face_is_drawn_as_lines_through_its_points_over_the_neutral_one() -> None:
    first, *_, last = drawing.animate({"fake": face()}, "fear", 10.0)
    places = np.round(face()[:, :, ::-1] * drawing.EYES_PX + drawing.MIDDLE_PX[::-1]).astype(int)
    drawn = np.array(drawing.COLOURS["fake"])
    for picture, points in ((first, places[0]), (last, places[-1])):
        for joined in FACE_LINES:
            for row, column in points[list(joined)]:
                patch = picture[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3)
                assert (np.abs(patch.astype(int) - drawn).max(axis=1) < 60).any(), joined
    lip = places[0][34]
    np.testing.assert_allclose(last[lip[0], lip[1]], drawing.PALE, atol=20)
    assert (last[:40, :160] < 100).all(axis=2).any()  # the title


def test_every_point_is_drawn_in_both_halves() -> None:
    joined = {point for line in FACE_LINES for point in line} | set(range(FIRST_MIDPOINT, 40))
    assert joined == set(range(40))
    (picture, *_) = drawing.animate({"genuine": face()}, "", 10.0)
    ink = (picture[40:] < 200).any(axis=2)
    left, right = ink[:, :160].sum(), ink[:, 160:].sum()
    assert abs(int(left) - int(right)) < 0.1 * left


def test_faces_are_interpolated_linearly_between_model_frames() -> None:
    pictures = drawing.animate({"genuine": face(3)}, "fear", 10.0)
    halfway = drawing.animate({"genuine": face(5)[[0, 1, 1]]}, "fear", 10.0)[-1]
    held = round(drawing.HELD_S * drawing.FRAMES_HZ)
    assert np.abs(pictures[held + 1].astype(int) - halfway).max() < 30


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (
            ["--emotion", "boredom", "-o", "out.gif"],
            "no prototype of 'boredom'.*any, happiness, surprise",
            2,
        ),
        (["-o", "out.png"], "ends in '.png'; take .gif, .mp4 or .npz", 2),
        (["-o", "out"], "ends in 'nothing'; take", 2),
        (["-o", "out.npz"], "can hold one stream; take --pb genuine or --pb fake", 2),
        (["-o", "nowhere/out.gif"], "cannot write nowhere/out.gif: there is no folder nowhere", 1),
        (["-o", "nowhere/out.mp4"], "cannot write nowhere/out.mp4: there is no folder nowhere", 1),
        (["-o", "out.gif", "--seconds", "0.1"], "--seconds 0.1: want 0.2 to 60", 2),
        (["-o", "out.gif", "--seconds", "nan"], "--seconds nan: want 0.2 to 60", 2),
        (["-o", "out.gif", "--pb", "felt"], "invalid choice: 'felt'", 2),
        ([], "one of the arguments -o/--out --check is required", 2),
        (["--check", "missing.npz"], "missing.npz is no tracks file", 1),
    ],
)
def test_invalid_input_is_one_line(
    options: list[str],
    message: str,
    code: int,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "--bundle", str(folder), *options]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert_matches(message, line)
    assert not list(tmp_path.iterdir())


def assert_matches(message: str, line: str) -> None:
    position = 0
    for part in message.split(".*"):
        assert part in line[position:], line
        position = line.index(part, position) + len(part)


def test_a_bundle_without_prototypes_names_the_command(
    learned: LearnedNetworks, tmp_path: Path
) -> None:
    write_networks(tmp_path, replace(learned, prototypes={}), LIVE, OPEN)
    with pytest.raises(UsageError, match="holds no prototypes; train it again"):
        generate_stream(Bundle.load(tmp_path), "any", "genuine")


def test_a_folder_is_refused_as_output(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "out.npz").mkdir()
    with pytest.raises(RecordError, match=r"cannot write .*out\.npz: it is not a regular file"):
        write(tmp_path / "out.npz", [generate_stream(bundle, "any", "fake")])


def test_the_command_writes_and_checks(
    folder: Path, data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.gif"
    assert (
        main(
            [
                "generate",
                "--bundle",
                str(folder),
                "--emotion",
                "surprise",
                "--pb",
                "fake",
                "-o",
                str(out),
            ]
        )
        == 0
    )
    assert "surprise, fake, in" in capsys.readouterr().out
    assert out.read_bytes()[:4] == b"GIF8"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    save_tracks(tmp_path / "tracks.npz", list(data.tracks))
    assert main(["generate", "--bundle", str(folder), "--check", str(tmp_path / "tracks.npz")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 2 * 2 + 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
