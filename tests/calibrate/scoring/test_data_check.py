from pathlib import Path

from calibrate.scoring.data_check import check_lines, missing_files
from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts

KNOWN = ("any", "fear")


def corpus(**changes: object) -> tuple[list[ClipEntry], dict[Path, FileFacts]]:
    """Return eight clips of two people, all alike but for `changes` of the genuine ones."""
    entries = [
        ClipEntry(Path(f"{n}.mp4"), f"P{n // 4}", "fear", "genuine" if n % 2 else "fake")
        for n in range(8)
    ]
    alike = {"duration_s": 3.0, "hz": 30.0, "width": 640, "height": 480, "brightness": 90.0}
    facts = {
        e.file: FileFacts(str(e.file), **{**alike, **(changes if e.label == "genuine" else {})})  # type: ignore[arg-type]
        for e in entries
    }
    return entries, facts


def test_counts_by_person_emotion_and_label() -> None:
    lines = check_lines(*corpus(), KNOWN)
    assert lines[:2] == ["8 clips of 2 people (4 each)", "  fear: 4 fake, 4 genuine"]
    assert lines[2].startswith("label told by one property alone (AUC): length 0.50, frame rate")
    assert len(lines) == 3


def test_missing_clips_are_counted_apart_from_those_of_a_person() -> None:
    entries, facts = corpus()
    gone = entries[0].file
    facts[gone] = FileFacts("", error="there is no file 0.mp4. Check the path", missing=True)
    lines = check_lines(entries, facts, KNOWN)
    assert lines[:2] == [
        "7 clips of 2 people (3 to 4 each); 1 more without a file",
        "  fear: 3 fake, 4 genuine",
    ]
    assert "missing: 1; there is no file 0.mp4. Check the path" in lines
    assert not any(line.startswith("unreadable") for line in lines)
    assert missing_files(entries, facts) == [gone]


def test_one_is_not_said_as_several() -> None:
    entries, facts = corpus()
    assert check_lines(entries[:1], facts, KNOWN)[0] == "1 clip of 1 person (1 each)"


def test_what_gives_the_label_away_is_named() -> None:
    told = check_lines(*corpus(duration_s=5.0, height=720), KNOWN)[-1]
    assert told == "the label is tied to length and resolution: learning may learn that instead"


def test_a_property_that_is_smaller_in_every_genuine_clip_gives_the_label_away_too() -> None:
    lines = check_lines(*corpus(duration_s=1.5, brightness=20.0), KNOWN)
    assert "length 1.00" in lines[-2]
    assert "brightness 1.00" in lines[-2]
    assert lines[-1].startswith("the label is tied to length and brightness")


def test_a_person_who_shows_one_label_alone_is_a_confound() -> None:
    entries = [
        ClipEntry(Path(f"{n}"), str(n // 4), "", ("genuine", "fake")[n // 4]) for n in range(8)
    ]
    facts = {entry.file: FileFacts(str(entry.file)) for entry in entries}
    assert any("tied to person" in line for line in check_lines(entries, facts, KNOWN))


def test_a_person_with_as_many_of_both_labels_tells_nothing() -> None:
    entries = [
        ClipEntry(Path(f"{n}"), str(n // 2), "", ("genuine", "fake")[n % 2]) for n in range(8)
    ]
    facts = {entry.file: FileFacts(str(entry.file)) for entry in entries}
    assert "person 0.50" in "\n".join(check_lines(entries, facts, KNOWN))


def test_unreadable_short_and_duplicate_clips_and_unknown_emotions_are_named() -> None:
    entries = [ClipEntry(Path(name), emotion="fera") for name in ("a", "b", "c", "d")]
    facts = {
        Path("a"): FileFacts("1", 0.5),
        Path("b"): FileFacts("2", 3.0),
        Path("c"): FileFacts("2", 3.0),
        Path("d"): FileFacts("", error="there is no file d. Check the path"),
    }
    text = "\n".join(check_lines(entries, facts, KNOWN))
    assert text.startswith("4 clips, no person named\n")
    assert "unreadable: 1; there is no file d. Check the path" in text
    assert "shorter than 0.8 s, too short to judge: 1 (a)" in text
    assert "duplicates: 1 content has several names, such as b = c" in text
    assert "fera: no such emotion in the bundle, so any emotion is judged: 4 clips" in text
