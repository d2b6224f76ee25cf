"""Extraction, on clips cut from the demo clip in a folder like PEDFE."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from calibrate.data import extract
from calibrate.data.clips import Clip, DataError, find_clips
from calibrate.data.extract import extract_clips, extract_tracks, track_clip
from calibrate.data.tracks import Track, load_tracks
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.capture.demo import CLIP
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.landmarks.expression_reader import ExpressionReader
from realtime.landmarks.face_reader import FaceReader
from realtime.motion.align import align_to_eyes
from realtime.runtime.stages_from_bundle import expression_network

FRAMES = 8
SIZE = (640, 360)


def quiet(done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    video = cv2.VideoCapture(str(CLIP))
    frames = [video.read()[1] for _ in range(FRAMES)]
    video.release()
    return [cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA) for picture in frames]


@pytest.fixture
def data(tmp_path: Path, pictures: list[np.ndarray]) -> Path:
    """Return a folder of two clips with a face, one without, one unreadable and one missing."""
    folder = tmp_path / "data"
    (folder / "clips").mkdir(parents=True)
    rows = ["clip,subject,gender,emotion,label"]
    rows += [
        f"{name},1,F,surprise,genuine"
        for name in ("a_face", "b_blank", "c_broken", "d_missing", "e_face")
    ]
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    film(folder / "clips" / "a_face.mp4", pictures)
    film(folder / "clips" / "b_blank.mp4", [np.full((360, 640, 3), 90, np.uint8)] * 3)
    (folder / "clips" / "c_broken.mp4").write_bytes(b"no video at all" * 50)
    film(folder / "clips" / "e_face.mp4", pictures[:5])
    return folder


def film(path: Path, pictures: list[np.ndarray]) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25.0, SIZE)
    for picture in pictures:
        writer.write(picture)
    writer.release()


def assert_faces(tracks: list[Track]) -> None:
    assert [(track.clip.name, track.frames, len(track.times_s)) for track in tracks] == [
        ("a_face", FRAMES, FRAMES),
        ("e_face", 5, 5),
    ]


def test_faces_become_tracks_and_other_clips_are_listed_with_the_reason(
    data: Path, tmp_path: Path
) -> None:
    progress: list[tuple[int, int]] = []
    tracks, left = extract_tracks(
        data, tmp_path / "out" / "t.npz", 2, lambda done, total: progress.append((done, total))
    )
    assert_faces(tracks)
    assert_faces(load_tracks(tmp_path / "out" / "t.npz"))
    assert [item.name for item in left] == ["b_blank", "c_broken", "d_missing"]
    blank, broken, missing = (item.reason for item in left)
    assert blank == "no face in 3 frames"
    assert "not a readable video" in broken
    assert "there is no file" in missing
    assert progress == [(done, 5) for done in range(1, 6)]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["t.npz"]


def test_a_track_follows_the_face_at_the_times_of_the_clip(data: Path) -> None:
    track = track_clip(find_clips(data)[0])
    np.testing.assert_allclose(np.diff(track.times_s), 1 / 25, atol=1e-3)
    assert ((track.points_px > 0) & (track.points_px < SIZE)).all()
    shape = align_to_eyes(track.points_px)
    assert (shape[:, 40:50] < 0).all()  # brows above the eyes
    assert (shape[:, 68:76] > 0.5).all()  # the mouth well below them
    assert track.described_s.tolist() == track.times_s[:1].tolist()  # a third of a second long
    assert 1 < np.linalg.norm(track.descriptors[0]) < 2


def test_a_track_holds_what_the_packaged_bundle_reads_in_each_frame(data: Path) -> None:
    clip = find_clips(data)[0]
    track, network = track_clip(clip), expression_network(Bundle.load(DEFAULT_BUNDLE))
    assert network is not None
    assert track.expression_names == network.names
    reader = FaceReader(expressions=ExpressionReader(network))
    with VideoFile(clip.path, paced=False, clock=SystemClock()) as source:
        for index in range(FRAMES):
            frame = source.read()
            assert frame is not None
            _, landmarks = reader.read(frame)
            assert landmarks is not None
            shown, kept = landmarks.expression, track.expression(index)
            assert shown is not None
            assert kept is not None
            assert kept.by_name() == shown.by_name()


def test_an_interrupted_run_continues_without_repeating_work(data: Path, tmp_path: Path) -> None:
    out, first = tmp_path / "t.npz", data / "clips" / "a_face.mp4"

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_tracks(data, out, 1, interrupt)
    assert not out.exists()
    first.write_bytes(b"gone by now")
    labels = data / "labels.csv"
    labels.write_text(
        labels.read_text().replace("a_face,1,F,surprise,genuine", "a_face,1,F,surprise,fake")
    )
    tracks, left = extract_tracks(data, out, 1, quiet)
    assert_faces(tracks)
    assert tracks[0].clip.label == "fake"
    assert "a_face" not in [item.name for item in left]


def test_what_was_left_with_another_read_out_is_made_again(data: Path, tmp_path: Path) -> None:
    out, clip = tmp_path / "t.npz", data / "clips" / "a_face.mp4"

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_tracks(data, out, 1, interrupt)
    (part,) = (tmp_path / "t.npz.parts").glob("a_face-*.npz")
    part.rename(part.with_name("a_face-0123456789abcdef.npz"))
    clip.write_bytes(b"gone by now")
    tracks, left = extract_tracks(data, out, 1, quiet)
    assert [track.clip.name for track in tracks] == ["e_face"]
    assert "a_face" in [item.name for item in left]


def test_without_any_face_nothing_is_written(data: Path, tmp_path: Path) -> None:
    (data / "labels.csv").write_text(
        "clip,subject,emotion,label\nb_blank,1,fear,fake\nd_missing,1,fear,fake\n"
    )
    with pytest.raises(
        DataError, match=r"none of the 2 clips .* shows a face; b_blank: no face in 3 frames"
    ):
        extract_tracks(data, tmp_path / "t.npz", 1, quiet)
    assert not (tmp_path / "t.npz").exists()


def test_clips_of_one_content_share_a_file_and_keep_their_labels(
    data: Path, tmp_path: Path
) -> None:
    face = find_clips(data)[0]
    twin = replace(face, name="twin", subject="2", label="fake")
    file = tmp_path / "new" / "one.npz"
    steps: list[tuple[int, int]] = []
    tracks, left = extract_clips(
        {face: file, twin: file}, 1, lambda *progress: steps.append(progress)
    )
    assert [track.clip for track in tracks] == [face, twin]
    assert (left, steps) == ([], [(1, 1)])
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_clip_that_breaks_the_decoder_is_one_skipped_clip(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = extract.track_clip

    def damaged(clip: Clip) -> Track:
        if clip.name == "a_face":
            raise ZeroDivisionError("frame rate 0")
        return track(clip)

    monkeypatch.setattr(extract, "track_clip", damaged)
    tracks, left = extract_tracks(data, tmp_path / "t.npz", 1, quiet)
    assert [track.clip.name for track in tracks] == ["e_face"]
    assert "cannot be read: ZeroDivisionError: frame rate 0" in left[0].reason
