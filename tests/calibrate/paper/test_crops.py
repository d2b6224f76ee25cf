"""Crops and the points read in them, on the face of the demo clip."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibrate.data.clips import Clip, DataError
from calibrate.data.extract import track_clip
from calibrate.paper.crops import (
    MAX_CROP_PX,
    TrackedFrame,
    clip_motion,
    crop_box,
    jittered_crops,
    scale_to_box,
    tracked_frames,
)
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.core.labels import GENUINE

Film = Callable[[Path, list[np.ndarray]], None]
UNCUT = np.zeros((1, 4), np.int64)


@pytest.fixture
def clip(first: list[np.ndarray], write: Film, tmp_path: Path) -> Clip:
    write(tmp_path / "N2Sur.mp4", first)
    return called(tmp_path / "N2Sur.mp4")


def called(path: Path) -> Clip:
    return Clip(path.stem, path, "1", "surprise", GENUINE)


def frames_of(path: Path) -> list[TrackedFrame]:
    with VideoFile(path, paced=False, clock=SystemClock()) as source:
        return list(tracked_frames(source))


def test_crops_span_their_bounds() -> None:
    drawn = jittered_crops("1_N2Sur", 2000, seed=0)
    assert drawn.min(axis=0).tolist() == [0, 0, 0, 0]
    assert drawn.max(axis=0).tolist() == [20, 10, 20, 10] == list(MAX_CROP_PX)
    assert np.allclose(drawn.mean(axis=0), [10, 5, 10, 5], atol=0.6)


def test_crops_depend_on_pass_clip_and_seed_alone() -> None:
    drawn = jittered_crops("1_N2Sur", 10, seed=0)
    assert len(np.unique(drawn, axis=0)) > 5
    np.testing.assert_array_equal(jittered_crops("1_N2Sur", 20, seed=0)[:10], drawn)
    assert not np.array_equal(jittered_crops("2_N2Sur", 10, seed=0), drawn)
    assert not np.array_equal(jittered_crops("1_N2Sur", 10, seed=1), drawn)


def test_cropping_removes_pixels_at_the_edges() -> None:
    assert crop_box((100.0, 50.0, 200.0, 220.0), np.array([20, 10, 5, 3])) == (
        120.0,
        60.0,
        175.0,
        207.0,
    )


def test_box_edges_map_to_one_and_x_comes_before_y() -> None:
    points = np.tile(
        [[100.0, 50.0], [300.0, 270.0], [200.0, 160.0], [100.0, 270.0]], (10, 1)
    ).astype("f4")
    found = scale_to_box(points, (100.0, 50.0, 200.0, 220.0))
    assert found[:4].tolist() == [-1, 1, 0, -1]
    assert found[40:44].tolist() == [-1, 1, 0, 1]
    assert found.dtype == np.float32


def test_passes_differ_slightly(clip: Clip, first: list[np.ndarray]) -> None:
    found = clip_motion(clip, np.array([[0, 0, 0, 0], [20, 0, 0, 0], [0, 10, 20, 10]]), None)
    assert found.shape == (3, len(first), 80)
    assert found.dtype == np.float32
    assert np.abs(found).max() < 1.6  # of a face this small much is cut off
    brows, mouth = found[..., 40:50].mean(axis=-1), found[..., 68:76].mean(axis=-1)
    assert (brows < mouth - 0.5).all()
    assert (
        found[1, :, :40].mean() < found[0, :, :40].mean() - 0.02
    )  # with its left cut off, the face is more to the left
    assert found[2, :, :40].mean() > found[0, :, :40].mean() + 0.02


def test_the_points_match_the_live_code(clip: Clip) -> None:
    """Median distance in distances between the eyes, once the uncut box is undone."""
    frames = frames_of(clip.path)
    places = clip_motion(clip, UNCUT, None)[0].reshape(-1, 2, 40).transpose(0, 2, 1)
    points = {
        f.at_s: (p + 1) / 2 * f.box[2:] + f.box[:2] for f, p in zip(frames, places, strict=True)
    }
    live = track_clip(clip)
    apart = [
        np.linalg.norm(points[t] - p, axis=1) / eye_distance(p)
        for t, p in zip(live.times_s, live.points_px, strict=True)
    ]
    assert len(apart) > 5
    assert (
        frames[0].at_s == 0
    )  # though Haar finds something larger than the face in the first picture
    assert np.median(apart) < 0.03


def test_the_box_follows_the_face_and_keeps_its_size(
    first: list[np.ndarray], write: Film, tmp_path: Path
) -> None:
    def moved(picture: np.ndarray, right: float) -> np.ndarray:
        shift = np.array([[1, 0, right], [0, 1, 0]])
        return cv2.warpAffine(picture, shift, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)

    write(tmp_path / "N2Sur.mp4", [moved(first[0], 8.0 * i) for i in range(8)])
    boxes = np.array([frame.box for frame in frames_of(tmp_path / "N2Sur.mp4")])
    assert len(boxes) == 8
    assert np.ptp(boxes[:, 2:], axis=0).tolist() == [0, 0]
    np.testing.assert_allclose(boxes[:, 0] - boxes[0, 0], 8.0 * np.arange(8), atol=3)


def test_frames_without_the_face_are_dropped(
    first: list[np.ndarray], write: Film, tmp_path: Path
) -> None:
    blank = [np.full_like(first[0], 90)]
    write(tmp_path / "N2Sur.mp4", blank * 2 + first[:3] + blank + first[3:5])
    assert clip_motion(called(tmp_path / "N2Sur.mp4"), UNCUT, None).shape[1] == 5


def test_movement_may_be_resampled_by_time(clip: Clip, first: list[np.ndarray]) -> None:
    every, denser = clip_motion(clip, UNCUT, None)[0], clip_motion(clip, UNCUT, 15.0)[0]
    assert len(denser) == 3 * (len(first) - 1) + 1  # the clip has 5 frames a second
    np.testing.assert_allclose(denser[::3], every, atol=1e-3)


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (lambda faces: [np.full_like(faces[0], 90)] * 3, "0 frames with a face"),
        (
            lambda faces: [small(face) for face in faces[:2]],
            "the face is .. px wide; want 80 or more",
        ),
    ],
)
def test_an_unusable_clip_raises_the_reason(
    pictures: Callable[[list[np.ndarray]], list[np.ndarray]],
    message: str,
    first: list[np.ndarray],
    write: Film,
    tmp_path: Path,
) -> None:
    write(tmp_path / "N2Sur.mp4", pictures(first))
    with pytest.raises(DataError, match=message):
        clip_motion(called(tmp_path / "N2Sur.mp4"), UNCUT, None)


def eye_distance(points: np.ndarray) -> float:
    return float(np.linalg.norm(points[16:22].mean(axis=0) - points[22:28].mean(axis=0)))


def small(picture: np.ndarray) -> np.ndarray:
    """The picture at 0.4 of its size, in the middle of a grey one."""
    wide = np.full_like(picture, 90)
    less = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    wide[100 : 100 + less.shape[0], 100 : 100 + less.shape[1]] = less
    return wide


def test_a_file_that_is_no_video_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "N2Sur.mp4").write_bytes(b"no video" * 50)
    with pytest.raises(SourceError, match="not a readable video"):
        clip_motion(called(tmp_path / "N2Sur.mp4"), UNCUT, None)
