"""Samples for the expression read-out: the demo clip with a made-up teacher."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from calibrate.data.clips import DataError
from calibrate.data.expression_samples import (
    BLENDSHAPES,
    EVERY,
    MIRRORED,
    NO_FACE,
    TEACHER_FILE,
    ExpressionSamples,
    find_taught_clips,
    join_samples,
    load_samples,
    sample_clip,
    save_samples,
)
from realtime.capture.demo import CLIP
from realtime.landmarks.expression_features import FEATURES

FRAMES = 24


def taught(folder: Path, **changed) -> Path:
    """Write clips `a` and `b` (the demo clip) and what the teacher says of `FRAMES` frames each."""
    (folder / "clips").mkdir(parents=True)
    for name in ("a", "b"):
        shutil.copy(CLIP, folder / "clips" / f"{name}.mp4")
    values = np.repeat(np.arange(2 * FRAMES, dtype=np.uint8)[:, None], BLENDSHAPES, 1)
    values[FRAMES + 2 * EVERY] = NO_FACE
    parts = {"names": ["a", "b"], "frames": [FRAMES, FRAMES], "blendshapes_u8": values} | changed
    np.savez(folder / TEACHER_FILE, **{key: np.array(value) for key, value in parts.items()})
    return folder


def samples(n: int = 3, person: str = "ann") -> ExpressionSamples:
    rng = np.random.default_rng(n)
    return ExpressionSamples(
        rng.normal(size=(n, 2, FEATURES)).astype(np.float16),
        rng.uniform(size=(n, BLENDSHAPES)).astype(np.float32),
        np.full(n, person),
        np.full(n, True),
    )


def test_each_clip_is_a_person_and_has_its_own_part_of_the_teacher(tmp_path: Path) -> None:
    first, second = find_taught_clips(taught(tmp_path / "data"))
    assert (first.person, second.person, first.labelled) == ("a", "b", False)
    assert (first.teacher[0, 0], second.teacher[0, 0]) == (0, FRAMES)
    assert first.teacher.shape == second.teacher.shape == (FRAMES, BLENDSHAPES)


def test_the_labels_say_who_is_seen(tmp_path: Path) -> None:
    data = taught(tmp_path / "data")
    rows = ["clip,subject,emotion,label", "a,ann,fear,genuine", "b,ann,fear,fake"]
    (data / "labels.csv").write_text("\n".join(rows))
    assert [(clip.person, clip.labelled) for clip in find_taught_clips(data)] == [("ann", True)] * 2


@pytest.mark.parametrize(
    "changed", [{"frames": [FRAMES, 1]}, {"blendshapes_u8": np.zeros((2 * FRAMES, 3), np.uint8)}]
)
def test_a_teacher_of_other_frames_is_refused(changed, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="want uint8"):
        find_taught_clips(taught(tmp_path / "data", **changed))


def test_a_folder_without_a_teacher_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file of blendshapes"):
        find_taught_clips(tmp_path)


def test_the_frames_that_both_see_are_sampled(tmp_path: Path) -> None:
    clips = find_taught_clips(taught(tmp_path / "data"))
    first, second = map(sample_clip, clips)
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(first.teacher[:, 7] * 254, np.arange(0, FRAMES, EVERY), atol=1e-4)
    assert len(second.teacher) == len(first.teacher) - 1  # without the one of no face
    assert {*first.person} == {"a"}
    both = first.features.astype(np.float32)
    assert np.corrcoef(both[0, 0], both[1, 0])[0, 1] > 0.9
    # The mirrored half differs, but is a face at the same place.
    assert 0.5 < np.corrcoef(both[0, 0], both[0, 1])[0, 1] < 0.999


def test_mirroring_twice_changes_no_point() -> None:
    np.testing.assert_array_equal(MIRRORED[MIRRORED], np.arange(68))
    left_mouth, right_mouth, chin = 48, 54, 8
    assert (MIRRORED[left_mouth], MIRRORED[chin]) == (right_mouth, chin)


def test_samples_are_read_back_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "samples.npz"
    saved = join_samples([samples(2), samples(3, "bob")])
    save_samples(path, saved)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = load_samples(path)
    for name in ("features", "teacher", "person", "labelled"):
        np.testing.assert_array_equal(getattr(read, name), getattr(saved, name))
    assert read.person.tolist() == ["ann", "ann", "bob", "bob", "bob"]


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "samples.npz").write_bytes(content)
    with pytest.raises(DataError, match="is no file of samples"):
        load_samples(tmp_path / "samples.npz")


def test_samples_of_another_length_are_refused() -> None:
    with pytest.raises(DataError, match="sample the clips again"):
        ExpressionSamples(
            np.zeros((2, 2, FEATURES), np.float16),
            np.zeros((3, BLENDSHAPES), np.float32),
            np.full(2, "ann"),
            np.full(2, True),
        )
