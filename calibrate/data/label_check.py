"""Check labels before any work: an emotion needs clips of both labels to be learned or judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from calibrate.data.clips import Clip, DataError, missing_files
from calibrate.data.label_file import nearest
from realtime.core.labels import FAKE, GENUINE

NAMED = 5  # names in a note; the others are counted


def check_clips(clips: Sequence[Clip]) -> list[str]:
    """Return notes on missing files and on emotions that lack a label.

    Raises `DataError` if no clip has a file.
    """
    missing = missing_files(clips)
    if len(missing) == len(clips):
        raise DataError(f"none of {len(clips)} clips has a file; the first is {clips[0].path}")
    notes = []
    if missing:
        names = listed(clip.name for clip in missing)
        notes.append(f"{len(missing)} of {len(clips)} clips have no file: {names}")
    genuine = [clip.label == GENUINE for clip in clips]
    if len(set(genuine)) == 1:
        return [*notes, _only_label(genuine, "clips")]
    lacking = emotions_of_one_label([clip.emotion for clip in clips], genuine)
    return notes + [f"{emotion}: {why}" for emotion, why in lacking.items()]


def check_both_labels(genuine: Sequence[bool], unit: str) -> None:
    """Raise `DataError` if all are of one label; `unit` is what they are, in the plural."""
    if len(set(genuine)) == 1:
        raise DataError(_only_label(genuine, unit))


def emotions_of_one_label(emotions: Sequence[str], genuine: Sequence[bool]) -> dict[str, str]:
    """Return the emotions that have one label only, with the reason in words."""
    counts, found = Counter(emotions), set(zip(emotions, genuine, strict=True))
    others = [emotion for emotion, count in counts.items() if count > 1]
    return {
        emotion: _lack(emotion, label, counts[emotion], others)
        for emotion, label in sorted(found)
        if (emotion, not label) not in found
    }


def _lack(emotion: str, label: bool, clips: int, others: Sequence[str]) -> str:
    if clips > 1:
        return f"all {clips} are {_name(label)}; want genuine and fake ones"
    meant = nearest(emotion, others)
    return f"there is only one, {_name(label)}" + (f"; did you mean {meant}?" if meant else "")


def listed(names: Iterable[str]) -> str:
    """Return the first `NAMED` of `names`, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more


def _only_label(genuine: Sequence[bool], unit: str) -> str:
    return f"all {len(genuine)} {unit} are {_name(genuine[0])}; want genuine and fake ones"


def _name(genuine: bool) -> str:
    return GENUINE if genuine else FAKE
