from pathlib import Path

import pytest

from calibrate.data.clips import Clip, DataError
from calibrate.data.label_check import check_both_labels, check_clips, emotions_of_one_label, listed
from realtime.core.labels import FAKE, GENUINE

BOTH = (GENUINE, FAKE)


def clips(folder: Path, *emotions_and_labels: tuple[str, str], files: bool = True) -> list[Clip]:
    """Return a clip for each emotion and label, with its file or without."""
    found = []
    for number, (emotion, label) in enumerate(emotions_and_labels):
        path = folder / f"{number}.avi"
        if files:
            path.touch()
        found.append(Clip(str(number), path, "1", emotion, label))
    return found


def both(*emotions: str) -> list[tuple[str, str]]:
    return [(emotion, label) for emotion in emotions for label in BOTH]


def test_labels_without_a_fault_give_no_note(tmp_path: Path) -> None:
    assert check_clips(clips(tmp_path, *both("fear", "happiness"))) == []


def test_missing_files_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    found = clips(tmp_path, *both("fear"))
    missing = clips(tmp_path / "nowhere", *both("fear") * 4, files=False)
    assert check_clips([*found, *missing]) == [
        "8 of 10 clips have no file: 0, 1, 2, 3, 4 and 3 more"
    ]
    with pytest.raises(DataError, match=r"none of 8 clips has a file; the first is .*0\.avi"):
        check_clips(missing)


@pytest.mark.parametrize(
    ("lone", "note"),
    [
        (("happines", GENUINE), "happines: there is only one, genuine; did you mean happiness?"),
        (("boredom", FAKE), "boredom: there is only one, fake"),
    ],
)
def test_an_emotion_seen_once_is_named_with_the_nearest(
    lone: tuple[str, str], note: str, tmp_path: Path
) -> None:
    assert check_clips(clips(tmp_path, *both("fear", "happiness") * 2, lone)) == [note]


def test_an_emotion_of_one_label_is_named(tmp_path: Path) -> None:
    labelled = [*both("fear"), ("anger", FAKE), ("anger", FAKE)]
    assert check_clips(clips(tmp_path, *labelled)) == [
        "anger: all 2 are fake; want genuine and fake ones"
    ]


def test_clips_of_one_label_give_one_note_whatever_the_emotions(tmp_path: Path) -> None:
    labelled = [(emotion, FAKE) for emotion in ("fear", "anger", "anger")]
    assert check_clips(clips(tmp_path, *labelled)) == [
        "all 3 clips are fake; want genuine and fake ones"
    ]
    with pytest.raises(DataError, match="all 2 features are genuine; want genuine and fake ones"):
        check_both_labels([True, True], "features")
    check_both_labels([True, False], "features")


def test_emotions_of_both_labels_are_complete() -> None:
    emotions = ["fear", "anger", "fear", "anger", "joy"]
    found = emotions_of_one_label(emotions, [True, True, False, True, False])
    assert list(found) == ["anger", "joy"]


@pytest.mark.parametrize(
    ("count", "text"), [(1, "0"), (5, "0, 1, 2, 3, 4"), (7, "0, 1, 2, 3, 4 and 2 more")]
)
def test_long_lists_are_cut(count: int, text: str) -> None:
    assert listed(map(str, range(count))) == text
