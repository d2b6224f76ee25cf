"""Generator of the demo clip: timeline, face and encoder; and the packaged clip itself."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("scipy", reason="the demo clip's maker needs scipy, of the extra `calibrate`")

from calibrate.demo import face_warp, make_clip
from calibrate.demo.blend_shapes import Array, DrawnExpression, edges_of_lips
from engines.errors import GaugeError
from realtime.capture.demo import CLIP
from realtime.core.messages import Image

NEUTRAL_S, APEX_S, SECOND_APEX_S = 1.5, 2.8, 6.4
SMALL = (320, 180)


@pytest.fixture(scope="module")
def face() -> face_warp.WarpedFace:
    if importlib.util.find_spec("skimage") is None:
        pytest.skip("the portrait comes with scikit-image, which is not installed")
    return face_warp.load_face()


@pytest.fixture(scope="module")
def landmarks_by_time(face: face_warp.WarpedFace) -> dict[float, Array]:
    """Return landmarks of small rendered pictures by time, in distances between the eyes."""
    return {at_s: measured(render(face, at_s), zoom=2) for at_s in (NEUTRAL_S, APEX_S)}


def render(face: face_warp.WarpedFace, at_s: float) -> Image:
    return make_clip.render_frame(face, round(at_s * make_clip.HZ), *SMALL)


def measured(image: Image, zoom: int = 1) -> Array:
    points = face_warp.landmarks(image, zoom)
    return points / np.linalg.norm(points[36:42].mean(0) - points[42:48].mean(0))


def brows_over_eyes(points: Array) -> float:
    return float(points[36:48, 1].mean() - points[17:27, 1].mean())


def eyes_open(points: Array) -> float:
    return float(points[[40, 41, 46, 47], 1].mean() - points[[37, 38, 43, 44], 1].mean())


def mouth_open(points: Array) -> float:
    return float(points[[65, 66, 67], 1].mean() - points[[61, 62, 63], 1].mean())


# the timeline


def test_the_face_is_neutral_between_the_movements() -> None:
    for at_s in (0.0, NEUTRAL_S, 4.9, 8.5):
        assert max(abs(value) for value in asdict(make_clip.expression_at(at_s)).values()) < 0.05


def test_the_first_surprise_is_full_and_even() -> None:
    apex = make_clip.expression_at(APEX_S)
    assert min(apex.brow_right, apex.brow_left, apex.lids, apex.jaw) > 0.85
    assert apex.brow_right == pytest.approx(apex.brow_left, abs=0.02)


def test_the_second_surprise_is_lopsided_smaller_and_slower() -> None:
    apex = make_clip.expression_at(SECOND_APEX_S)
    assert apex.brow_left - apex.brow_right > 0.2
    assert 0.5 < apex.jaw < 0.75
    first, second = make_clip.MOVEMENTS
    assert second.onset_s > 1.5 * first.onset_s


def test_a_movement_starts_and_ends_at_neutral() -> None:
    for move in make_clip.MOVEMENTS:
        ends_s = move.at_s + move.onset_s + move.apex_s + move.offset_s
        assert move.course(move.at_s) == 0
        assert move.course(ends_s) == pytest.approx(0, abs=1e-9)
        assert move.course(move.at_s + move.onset_s) == pytest.approx(1)
        assert move.course(move.at_s + 0.1, late_s=0.05) < move.course(move.at_s + 0.1)


def test_nothing_jumps_from_one_frame_to_the_next() -> None:
    times = np.arange(0, make_clip.SECONDS, 1 / make_clip.HZ)
    course = np.array([[*asdict(make_clip.expression_at(float(at_s))).values()] for at_s in times])
    assert np.abs(np.diff(course, axis=0)).max(0)[[0, 1, 2, 4]].max() < 0.25


def test_eyes_shut_in_blinks_and_only_there() -> None:
    assert all(make_clip.expression_at(at_s).blink > 0.9 for at_s in make_clip.BLINKS_S)
    assert all(make_clip.expression_at(at_s + 0.2).blink == 0 for at_s in make_clip.BLINKS_S)


# the view


def test_the_head_sways_and_the_room_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [float(at_s) for at_s in np.arange(0, make_clip.SECONDS, 0.5)]
    views = np.stack([make_clip._view(at_s, 64, 36) for at_s in times])
    monkeypatch.setattr(make_clip, "_head", lambda _: (np.zeros(2), 0.0))
    by_the_head = np.abs(views - np.stack([make_clip._view(at_s, 64, 36) for at_s in times])).max(
        (0, 3)
    )
    assert by_the_head[14, 31] > 2
    assert by_the_head[:, :8].max() < 1e-3
    assert by_the_head[:, 56:].max() < 1e-3


def test_the_view_never_folds_or_leaves_the_portrait() -> None:
    for at_s in np.arange(0, make_clip.SECONDS, 0.5):
        view = make_clip._view(float(at_s), 64, 36)
        assert (np.diff(view[..., 0], axis=1) > 0).all()
        assert (np.diff(view[..., 1], axis=0) > 0).all()
        assert view.min() > -1
        assert view.max() < 512


# the face


def test_the_brows_rise_by_an_eighth_of_the_distance_between_the_eyes(
    face: face_warp.WarpedFace,
) -> None:
    neutral, raised = (
        face.muscles.moved(DrawnExpression()),
        face.muscles.moved(DrawnExpression(brow_right=1, brow_left=1)),
    )
    lift = (neutral - raised)[17:27, 1].max() / 43
    assert 0.12 <= lift <= 0.15


def test_one_brow_moves_alone(face: face_warp.WarpedFace) -> None:
    moved = face.muscles.moved(DrawnExpression(brow_left=1)) - face.muscles.moved(DrawnExpression())
    assert (moved[17:22] == 0).all()
    assert (moved[22:27, 1] < -4).all()


def test_lips_and_lids_meet_but_never_cross(face: face_warp.WarpedFace) -> None:
    upper, lower = edges_of_lips(face.muscles.moved(DrawnExpression()))
    gap = (lower - upper)[1:-1, 1]
    assert (gap > 0).all()
    assert (gap < 1).all()
    shut = face.muscles.moved(DrawnExpression(blink=1))
    lids = shut[77:84, 1] - shut[70:77, 1]
    assert (lids > 0).all()
    assert (lids < 0.8).all()


def test_a_picture_is_the_same_each_time(face: face_warp.WarpedFace) -> None:
    assert np.array_equal(render(face, APEX_S), render(face, APEX_S))


def test_landmarks_follow_brows_lids_and_jaw(landmarks_by_time: dict[float, Array]) -> None:
    neutral, apex = landmarks_by_time[NEUTRAL_S], landmarks_by_time[APEX_S]
    assert brows_over_eyes(apex) - brows_over_eyes(neutral) > 0.06
    assert eyes_open(apex) - eyes_open(neutral) > 0.02
    assert mouth_open(apex) - mouth_open(neutral) > 0.12
    assert mouth_open(neutral) < 0.08


def test_a_picture_without_a_face_is_refused() -> None:
    with pytest.raises(GaugeError, match="no face found in a picture of 100 x 80"):
        face_warp.landmarks(np.full((80, 100, 3), 90, np.uint8))


@pytest.mark.parametrize("left_of_it", [None, "an empty folder"])
def test_a_missing_portrait_is_one_line_with_the_command(
    left_of_it: str | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = None
    if left_of_it:
        spec = importlib.util.spec_from_loader("skimage", loader=None, is_package=True)
        assert spec is not None
        spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(face_warp, "find_spec", lambda _: spec)
    assert make_clip.main(["-o", str(tmp_path / "demo.mp4")]) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "pip install" in line
    assert "scikit-image" in line


# the encoder


def stripes(count: int) -> Iterator[Image]:
    for index in range(count):
        image = np.full((48, 64, 3), 40, np.uint8)
        image[:, 6 * index : 6 * index + 8] = 220
        yield image


def test_encoding_is_readable_and_deterministic(tmp_path: Path) -> None:
    pytest.importorskip(
        "imageio_ffmpeg", reason="the encoder comes with imageio-ffmpeg, which is not installed"
    )
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    for to in (one, two):
        make_clip.encode(stripes(6), to, 64, 48)
    assert one.read_bytes() == two.read_bytes()
    images = list(decoded(one))
    assert len(images) == 6
    for wanted, got in zip(stripes(6), images, strict=True):
        assert np.abs(wanted.astype(int) - got).mean() < 12


@pytest.mark.parametrize("name", [b"12:30.mp4", b"file:x.mp4", b"-x.mp4", b"caf\xe9 %d.mp4"])
def test_a_clip_has_the_name_given(
    name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.chdir(tmp_path)
    make_clip.encode(stripes(2), Path(os.fsdecode(name)), 64, 48)
    assert os.listdir(os.fsencode(tmp_path)) == [name]


def test_an_unwritable_path_is_refused(tmp_path: Path) -> None:
    pytest.importorskip(
        "imageio_ffmpeg", reason="the encoder comes with imageio-ffmpeg, which is not installed"
    )
    with pytest.raises(GaugeError, match=r"ffmpeg could not write .*No such file or directory"):
        make_clip.encode(stripes(2), tmp_path / "nowhere" / "demo.mp4", 64, 48)


# the clip that is in the repository


def decoded(path: Path) -> Iterator[Image]:
    video = cv2.VideoCapture(str(path))
    while (read := video.read())[0]:
        yield read[1].astype(np.uint8, copy=False)
    video.release()


def test_the_embedded_clip_is_small_and_whole() -> None:
    assert CLIP.stat().st_size < 1_000_000
    shapes = {image.shape for image in decoded(CLIP)}
    assert shapes == {(make_clip.HEIGHT_PX, make_clip.WIDTH_PX, 3)}
    assert sum(1 for _ in decoded(CLIP)) == round(make_clip.SECONDS * make_clip.HZ)


def test_the_embedded_clip_shows_both_surprises() -> None:
    images = list(decoded(CLIP))
    times = (NEUTRAL_S, APEX_S, 4.9, SECOND_APEX_S, 8.4)
    points = [measured(images[round(at_s * make_clip.HZ)]) for at_s in times]
    for measure, least in ((brows_over_eyes, 0.04), (eyes_open, 0.015), (mouth_open, 0.06)):
        before, first, between, second, after = map(measure, points)
        assert min(first, second) - max(before, between, after) > least
