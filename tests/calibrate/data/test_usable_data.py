"""What can be learned or judged of small and lopsided data, and what is said of the rest."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from read_outs import with_packaged_read_out
from synthetic import simulate, with_appearance

from calibrate.data.clips import DataError
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track
from calibrate.data.usable_data import (
    check_people,
    extracted_dataset,
    recorded_rest_limits,
    usable_dataset,
    usable_in_folds,
)
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.labels import GENUINE
from realtime.runtime.stages_from_bundle import rest_limits

EMOTIONS = ("happiness", "surprise")


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    """Return four people with two genuine and two fake clips each, one of each emotion."""
    return simulate(4, 4, seed=0, emotions=EMOTIONS)


def only_genuine(tracks: Iterable[Track], emotion: str, people: Iterable[str]) -> list[Track]:
    """Return `tracks` without the fake clips of `emotion` by `people`."""
    chosen = set(people)
    return [
        track
        for track in tracks
        if track.clip.emotion != emotion
        or track.clip.label == GENUINE
        or track.clip.subject not in chosen
    ]


def renamed(track: Track, emotion: str) -> Track:
    return replace(track, clip=replace(track.clip, emotion=emotion))


def test_whole_data_is_used_without_a_note(tracks: list[Track]) -> None:
    data, notes = usable_dataset(tracks, LIVE, {"any", *EMOTIONS})
    assert (len(data), notes) == (16, [])
    same, notes = usable_in_folds(data, 4, 0)
    assert same is data
    assert notes == []


def test_an_emotion_of_one_label_is_left_out_by_name(tracks: list[Track]) -> None:
    data, notes = usable_dataset(only_genuine(tracks, "surprise", "1234"), LIVE)
    assert set(data.emotions) == {"happiness"}
    assert notes == ["surprise is left out: all 4 are genuine; want genuine and fake ones"]


def test_a_typo_of_an_emotion_is_left_out_by_name(tracks: list[Track]) -> None:
    data, notes = usable_dataset([renamed(tracks[0], "happines"), *tracks[1:]], LIVE)
    assert len(data) == 15
    assert notes == ["happines is left out: there is only one, genuine; did you mean happiness?"]


def test_an_emotion_that_a_bundle_lacks_is_left_out_by_name(tracks: list[Track]) -> None:
    data, notes = usable_dataset(tracks, LIVE, {"any", "fear", "happiness"})
    assert set(data.emotions) == {"happiness"}
    assert notes == ["surprise is left out: the bundle does not have it; it has fear, happiness"]
    with pytest.raises(DataError, match=r"surprise is left out: .*: no emotion remains"):
        usable_dataset(tracks, LIVE, {"any", "fear"})


def test_clips_without_a_window_are_counted_in_one_note(tracks: list[Track]) -> None:
    short = [track.part(slice(5)) for track in tracks[:2]]
    data, notes = usable_dataset([*short, *tracks[2:]], LIVE)
    assert len(data) == 14
    assert notes == [
        "no window in 2 of 16 clips, which are left out: they show no face for 0.8 s without a gap"
        " (1_happiness_0, 1_surprise_1)"
    ]


def test_data_of_one_label_is_refused(tracks: list[Track]) -> None:
    genuine = [track for track in tracks if track.clip.label == GENUINE]
    with pytest.raises(DataError, match="all 8 clips are genuine; want genuine and fake ones"):
        usable_dataset(genuine, LIVE)


@pytest.mark.parametrize("count", [5, 50])
def test_more_folds_than_people_are_refused(count: int, tracks: list[Track]) -> None:
    with pytest.raises(DataError, match=f"{count} folds of 4 people"):
        usable_in_folds(Dataset.of(tracks, LIVE), count, 0)


def test_an_emotion_that_some_fold_cannot_learn_is_left_out_by_name(tracks: list[Track]) -> None:
    """Only person 1 shows a fake surprise, so the fold that holds them out cannot learn it."""
    data = Dataset.of(only_genuine(tracks, "surprise", "234"), LIVE)
    left, notes = usable_in_folds(data, 4, 0)
    assert set(left.emotions) == {"happiness"}
    assert notes == [
        "surprise is left out: too few people show it genuine and fake for these folds"
    ]


def test_people_that_leave_with_an_emotion_are_counted_again(tracks: list[Track]) -> None:
    """Two of the people show nothing but the surprise that cannot be learned."""
    some = [t for t in tracks if t.clip.subject in "12" or t.clip.emotion == "surprise"]
    data = Dataset.of(only_genuine(some, "surprise", "234"), LIVE)
    with pytest.raises(DataError, match="4 folds of 2 people"):
        usable_in_folds(data, 4, 0)


@pytest.mark.parametrize("people", [1, 2])
def test_training_needs_two_people(people: int, tracks: list[Track]) -> None:
    """Two folds of two people leave one to learn from; so does one person."""
    few = Dataset.of(tracks[: 4 * people], LIVE)
    refused = (
        r"2 folds of 1 person" if people == 1 else r"4 clips of 1 person \(person \d\) to learn"
    )
    with pytest.raises(DataError, match=refused):
        usable_in_folds(few, 2, 0)
    check_people(Dataset.of(tracks[:8], LIVE))
    with pytest.raises(DataError, match=r"4 clips of 1 person \(person 1\) to learn from"):
        check_people(few, np.arange(4))
    with pytest.raises(DataError, match="0 clips of 0 people to learn from"):
        check_people(few, np.arange(0))


def test_tracks_with_the_packaged_read_out_have_its_limits() -> None:
    packaged = rest_limits(Bundle.load(DEFAULT_BUNDLE))
    assert packaged is not None
    tracks = simulate(1, 2, seed=0)
    assert recorded_rest_limits(tracks) is None
    found = recorded_rest_limits([with_packaged_read_out(track) for track in tracks])
    assert found is not None
    np.testing.assert_array_equal(found.typical, packaged.typical)
    np.testing.assert_array_equal(found.scale, packaged.scale)
    assert (found.faint, found.certain) == (packaged.faint, packaged.certain)


@pytest.mark.parametrize("change", ["fewer", "order", "learned again"])
def test_tracks_with_another_read_out_are_refused(change: str) -> None:
    track = with_packaged_read_out(simulate(1, 1, seed=0)[0])
    first, *others = track.expression_names
    other = {
        "fewer": replace(track, expressions=track.expressions[:, :1], expression_names=(first,)),
        "order": replace(track, expression_names=(*others, first)),
        "learned again": replace(track, read_out="0123456789abcdef"),
    }[change]
    with pytest.raises(DataError, match=r"read-out of \d+ actions .* extract the clips"):
        recorded_rest_limits([other])


def test_tracks_of_which_only_some_have_a_read_out_are_refused() -> None:
    one, other, empty = simulate(1, 3, seed=0)
    some = [with_packaged_read_out(one), other, empty.part(slice(0))]
    with pytest.raises(DataError, match="1 of 3 tracks hold no read-out; extract them again"):
        recorded_rest_limits(some)
    some[1] = with_packaged_read_out(other)
    assert recorded_rest_limits(some) is not None  # a track without a face has nothing to show


@pytest.mark.parametrize(
    ("appearance", "read_out", "used"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_the_read_out_is_used_beside_the_appearance_or_where_it_is_asked_for(
    appearance: bool, read_out: bool | None, used: bool
) -> None:
    tracks = [with_packaged_read_out(each) for each in with_appearance(simulate(1, 2, seed=0))]
    data = extracted_dataset(tracks, LIVE, appearance, read_out)
    assert (data.rest is not None, len(data.at_rest)) == (used, 2 if used else 0)
