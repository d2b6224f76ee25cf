import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.clips import DataError
from calibrate.data.tracks import (
    DESCRIBED,
    LOOKS,
    NEVER_S,
    SHOWN,
    UNDESCRIBED,
    UNSEEN,
    WITHOUT_EXPRESSION,
    Track,
    have_appearance,
    load_tracks,
    save_tracks,
)
from realtime.landmarks.appearance import APPEARANCE

EMPTY = np.zeros((0, 40, 2), np.float32)


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    one, two, three = simulate(3, 1, seed=0)
    rated = replace(two.clip, rater_hit_pct=62.5)
    empty = replace(
        three,
        times_s=np.zeros(0),
        points_px=EMPTY,
        crops=UNSEEN,
        described_s=NEVER_S,
        descriptors=UNDESCRIBED,
    )
    return [one, replace(two, clip=rated, frames=200), empty]


def test_saved_tracks_are_loaded(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(tmp_path / "t.npz", tracks)
    for track, loaded in zip(tracks, load_tracks(tmp_path / "t.npz"), strict=True):
        np.testing.assert_array_equal(loaded.times_s, track.times_s)
        np.testing.assert_array_equal(loaded.points_px, track.points_px)
        assert (loaded.points_px.dtype, loaded.times_s.dtype) == (np.float32, np.float64)
        assert loaded.frames == track.frames
        for name in ("name", "subject", "emotion", "label", "gender"):
            assert getattr(loaded.clip, name) == getattr(track.clip, name)
    assert math.isnan(loaded.clip.rater_hit_pct)
    assert load_tracks(tmp_path / "t.npz")[1].clip.rater_hit_pct == 62.5


def test_descriptors_are_loaded_with_their_tracks(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(tmp_path / "t.npz", tracks)
    for track, loaded in zip(tracks, load_tracks(tmp_path / "t.npz"), strict=True):
        np.testing.assert_array_equal(loaded.described_s, track.described_s)
        np.testing.assert_array_equal(loaded.descriptors, track.descriptors)
    assert len(tracks[0].descriptors) > 5


def test_a_file_of_an_older_version_has_no_descriptors(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(tmp_path / "new.npz", tracks)
    with np.load(tmp_path / "new.npz") as file:
        older = {key: file[key] for key in file if key not in DESCRIBED}
    np.savez(tmp_path / "old.npz", **older)
    loaded = load_tracks(tmp_path / "old.npz")
    assert [len(track.descriptors) for track in loaded] == [0, 0, 0]
    np.testing.assert_array_equal(loaded[1].points_px, tracks[1].points_px)


def test_a_part_of_a_track_has_its_own_descriptors(tracks: list[Track]) -> None:
    track = tracks[0]
    part = track.part(slice(20, 60))
    inside = (track.described_s >= part.times_s[0]) & (track.described_s <= part.times_s[-1])
    np.testing.assert_array_equal(part.descriptors, track.descriptors[inside])
    assert 0 < len(part.descriptors) < len(track.descriptors)


def test_descriptors_that_do_not_match_their_times_are_refused(tracks: list[Track]) -> None:
    with pytest.raises(DataError, match=r"descriptors \(\d+, 128\), 1 times"):
        replace(tracks[0], described_s=np.zeros(1))


ACTIONS = ("smile", "squint")


def with_expressions(track: Track, names: tuple[str, ...] = ACTIONS) -> Track:
    values = np.random.default_rng(0).random((len(track.times_s), len(names)))
    shown = np.asarray(values, np.float32)
    shown[:1] = np.nan  # no read-out of the first frame
    return replace(track, expressions=shown, expression_names=names)


@pytest.mark.parametrize("having", [(), (0,), (1,), (0, 1, 2)])
def test_read_outs_are_loaded_with_their_tracks(
    having: tuple[int, ...], tracks: list[Track], tmp_path: Path
) -> None:
    some = [with_expressions(track) if i in having else track for i, track in enumerate(tracks)]
    save_tracks(tmp_path / "t.npz", some)
    for track, loaded in zip(some, load_tracks(tmp_path / "t.npz"), strict=True):
        for frame in range(0, len(track.times_s), 20):
            shown, again = track.expression(frame), loaded.expression(frame)
            assert (shown and shown.by_name()) == (again and again.by_name())
        assert (len(track.expressions) > 0) == (len(loaded.expressions) > 0)


def test_a_frame_without_a_read_out_shows_none(tracks: list[Track]) -> None:
    track = with_expressions(tracks[0])
    shown = track.expression(1)
    assert track.expression(0) is None
    assert shown is not None
    assert shown.names == ACTIONS
    np.testing.assert_array_equal(shown.values, track.expressions[1])
    assert tracks[0].expression(1) is None


def test_a_part_of_a_track_has_its_own_read_outs(tracks: list[Track]) -> None:
    track = with_expressions(tracks[0])
    part = track.part(slice(5, 25))
    assert part.expression_names == ACTIONS
    np.testing.assert_array_equal(part.expressions, track.expressions[5:25])
    assert tracks[0].part(slice(5, 25)).expression(3) is None


def test_a_file_of_an_older_version_has_no_read_outs(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(tmp_path / "new.npz", [with_expressions(track) for track in tracks])
    with np.load(tmp_path / "new.npz") as file:
        older = {key: file[key] for key in file if key not in SHOWN}
    np.savez(tmp_path / "old.npz", **older)
    for track, loaded in zip(tracks, load_tracks(tmp_path / "old.npz"), strict=True):
        np.testing.assert_array_equal(loaded.points_px, track.points_px)
        assert loaded.expressions.shape == WITHOUT_EXPRESSION.shape


def test_read_outs_of_different_bundles_are_not_put_together(
    tracks: list[Track], tmp_path: Path
) -> None:
    mixed = [with_expressions(tracks[0]), with_expressions(tracks[1], ("smile", "frown"))]
    with pytest.raises(DataError, match=r"read-outs of 2 bundles; extract all clips with one ver"):
        save_tracks(tmp_path / "t.npz", mixed)


@pytest.mark.parametrize("shape", [(1, 2), (0, 3)])
def test_read_outs_that_do_not_match_are_refused(
    shape: tuple[int, int], tracks: list[Track]
) -> None:
    with pytest.raises(DataError, match=r"expressions \(\d, \d\), \d+ times and 2 names"):
        replace(tracks[0], expressions=np.zeros(shape, np.float32), expression_names=ACTIONS)


def without_crops(track: Track) -> Track:
    return replace(track, crops=UNSEEN)


@pytest.mark.parametrize("without", [(), (0,), (1,), (0, 1)])
def test_crops_are_loaded_with_their_tracks(
    without: tuple[int, ...], tracks: list[Track], tmp_path: Path
) -> None:
    some = [without_crops(track) if i in without else track for i, track in enumerate(tracks)]
    save_tracks(tmp_path / "t.npz", some)
    for track, loaded in zip(some, load_tracks(tmp_path / "t.npz"), strict=True):
        np.testing.assert_array_equal(loaded.crops, track.crops)
        assert loaded.crops.dtype == np.uint8
        assert loaded.crops.shape[1:] == (24, 24)
        np.testing.assert_array_equal(loaded.points_px, track.points_px)


@pytest.mark.parametrize("number", [1, -1])
def test_crops_that_do_not_match_the_times_are_refused(number: int, tracks: list[Track]) -> None:
    with pytest.raises(DataError, match=r"track 1_anger_0: \d+ crops, \d+ times"):
        replace(tracks[0], crops=tracks[0].crops[:number])


def test_a_part_of_a_track_has_its_own_crops(tracks: list[Track]) -> None:
    part = tracks[0].part(slice(5, 25))
    assert (len(part.times_s), len(part.points_px)) == (20, 20)
    np.testing.assert_array_equal(part.crops, tracks[0].crops[5:25])
    np.testing.assert_array_equal(part.crop(3), tracks[0].crops[8])


def test_a_part_of_a_track_without_crops_has_none(tracks: list[Track]) -> None:
    part = without_crops(tracks[0]).part(slice(5, 25))
    assert part.crops.shape == (0, 24, 24)
    assert part.crop(3) is None


def test_equal_tracks_give_equal_bytes(tracks: list[Track], tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_tracks(tmp_path / name, tracks)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_points_that_do_not_match_the_times_are_refused(tracks: list[Track]) -> None:
    with pytest.raises(DataError, match=r"track 1_anger_0: points \(\d+, 40, 2\), \d+ times"):
        replace(tracks[0], times_s=tracks[0].times_s[1:])


def missing(path: Path) -> None:
    path.unlink()


def text(path: Path) -> None:
    path.write_text("clip,subject\n")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def bare_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def other_arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, names=np.zeros(3))


def pickled(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, name=np.array([{}], dtype=object))


def without_patches(path: Path) -> None:
    """Write a file of an older version."""
    with np.load(path) as file:
        columns = {key: file[key] for key in file.files if key not in ("looked", "patches")}
    with path.open("wb") as file:
        np.savez(file, **columns)


@pytest.mark.parametrize(
    "broken", [missing, text, cut, bare_array, other_arrays, pickled, without_patches]
)
def test_any_other_file_is_one_line_with_the_command(
    broken, tracks: list[Track], tmp_path: Path
) -> None:
    path = tmp_path / "t.npz"
    save_tracks(path, tracks)
    broken(path)
    with pytest.raises(
        DataError, match=r"t\.npz is no tracks file .*calibrate extract DATA -o"
    ) as caught:
        load_tracks(path)
    assert "\n" not in str(caught.value)


def with_looks(track: Track) -> Track:
    looks = np.random.default_rng(0).normal(0, 1, (len(track.times_s), APPEARANCE))
    return replace(track, appearance=looks.astype(np.float32))


def test_the_appearance_is_loaded_with_its_tracks(tracks: list[Track], tmp_path: Path) -> None:
    seen = [with_looks(track) for track in tracks]
    save_tracks(tmp_path / "t.npz", seen)
    loaded = load_tracks(tmp_path / "t.npz")
    for track, found in zip(seen, loaded, strict=True):
        np.testing.assert_array_equal(found.appearance, track.appearance)
    np.testing.assert_array_equal(loaded[0].part(slice(3, 9)).appearance, seen[0].appearance[3:9])
    assert have_appearance(loaded)


def test_a_file_of_an_older_version_has_no_appearance(tracks: list[Track], tmp_path: Path) -> None:
    save_tracks(tmp_path / "new.npz", [with_looks(track) for track in tracks])
    with np.load(tmp_path / "new.npz") as file:
        np.savez(tmp_path / "old.npz", **{key: file[key] for key in file if key not in LOOKS})
    assert not have_appearance(load_tracks(tmp_path / "old.npz"))


def test_tracks_of_which_some_lack_the_appearance_are_refused(tracks: list[Track]) -> None:
    with pytest.raises(DataError, match="1 of 2 tracks hold no appearance"):
        have_appearance([with_looks(tracks[0]), *tracks[1:]])


def test_an_appearance_of_other_frames_is_refused(tracks: list[Track]) -> None:
    with pytest.raises(DataError, match="appearance"):
        replace(tracks[0], appearance=np.zeros((2, APPEARANCE), np.float32))
