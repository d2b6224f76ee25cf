"""Choose the clips that can be learned or judged; what is left out is named in a note."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.counting import counted, counted_people
from calibrate.data.dataset import Dataset
from calibrate.data.folds import Folds, check_fold_count
from calibrate.data.label_check import check_both_labels, emotions_of_one_label, listed
from calibrate.data.tracks import Track, kind_of_read_out
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.labels import ANY
from realtime.motion.resample import WindowTiming
from realtime.person.expression_watch import RestLimits
from realtime.runtime.stages_from_bundle import expression_network, rest_limits

# Out-of-fold features need a person to learn from and another one to read.
MIN_TRAINING_PEOPLE = 2


def usable_dataset(
    tracks: Sequence[Track],
    timing: WindowTiming,
    known: Collection[str] | None = None,
    appearance: bool = False,
    read_out: bool | None = None,
) -> tuple[Dataset, list[str]]:
    """Return the clips with a window and an emotion of both labels, and notes on the others.

    `known` are the emotions of a bundle, None for any; `appearance` is whether its networks see it,
    `read_out` whether it is used (`extracted_dataset`). Raises `DataError` if nothing is left.
    """
    data = extracted_dataset(tracks, timing, appearance, read_out)
    notes = notes_on_short_clips(tracks, data)
    check_both_labels(data.genuine.tolist(), "clips")
    has = listed(sorted({*known} - {ANY})) if known is not None else ""
    lacking = {
        emotion: f"the bundle does not have it; it has {has}"
        for emotion in sorted(set(data.emotions.tolist()))
        if known is not None and emotion not in known
    }
    lacking = emotions_of_one_label(data.emotions.tolist(), data.genuine.tolist()) | lacking
    return _without(data, lacking), notes + _notes(lacking)


def extracted_dataset(
    tracks: Sequence[Track],
    timing: WindowTiming,
    appearance: bool = False,
    read_out: bool | None = None,
) -> Dataset:
    """Return the dataset of extracted `tracks`, with what is at rest by their `read_out`.

    None: for networks that see the `appearance`; those of the landmarks alone, as in the paper, go
    without. Raises `DataError` as `Dataset.of` and `recorded_rest_limits`.
    """
    used = appearance if read_out is None else read_out
    return Dataset.of(tracks, timing, appearance, recorded_rest_limits(tracks) if used else None)


def recorded_rest_limits(tracks: Sequence[Track]) -> RestLimits | None:
    """Return the limits of the read-out that `tracks` hold, the packaged bundle's.

    None for tracks without one; raises `DataError` where only some have one, and for that of
    another version.
    """
    names, digest = kind_of_read_out(tracks)
    if not names:
        return None
    without = sum(not len(track.expressions) for track in tracks if len(track.times_s))
    if without:
        raise DataError(f"{without} of {len(tracks)} tracks hold no read-out; extract them again")
    bundle = Bundle.load(DEFAULT_BUNDLE)
    network = expression_network(bundle)
    if network is None or (network.names, network.digest) != (names, digest):
        raise DataError(
            f"the tracks hold a read-out of {len(names)} actions that this version does not have; "
            "extract the clips again"
        )
    return rest_limits(bundle)


def usable_in_folds(data: Dataset, count: int, seed: int) -> tuple[Dataset, list[str]]:
    """Return the clips of emotions that every fold has both labels to learn from, and notes.

    Raises `DataError` for more folds than people, or for too few people to learn from.
    """
    lacking: dict[str, str] = {}
    while True:
        people = len(np.unique(data.subjects))
        check_fold_count(count, people)
        folds = Folds.by_person([str(s) for s in data.subjects], count, seed)
        for training, _ in folds.splits():
            check_people(data, training)
        found = _unlearnable(data, folds)
        if not found:
            return data, _notes(lacking)
        # Fewer clips may give other folds, so these are checked again.
        lacking |= found
        data = _without(data, found)


def check_people(data: Dataset, clips: NDArray[np.intp] | None = None) -> None:
    """Raise `DataError` if the training `clips` (default: all) show too few people."""
    chosen = data.subjects if clips is None else data.subjects[clips]
    people = np.unique(chosen).tolist()
    if len(people) < MIN_TRAINING_PEOPLE:
        who = f" (person {people[0]})" if people else ""
        raise DataError(
            f"{counted(len(chosen), 'clip')} of {counted_people(len(people))}{who} to learn from;"
            f" want {MIN_TRAINING_PEOPLE} people or more: take clips of more people"
        )


def notes_on_short_clips(tracks: Sequence[Track], data: Dataset) -> list[str]:
    """Return one note that counts the `tracks` without a window, or none."""
    used = {track.clip.name for track in data.tracks}
    short = [track.clip.name for track in tracks if track.clip.name not in used]
    if not short:
        return []
    return [
        f"no window in {len(short)} of {len(tracks)} clips, which are left out: they show no face"
        f" for {data.timing.min_window_s:g} s without a gap ({listed(short)})"
    ]


def _unlearnable(data: Dataset, folds: Folds) -> dict[str, str]:
    """Return the emotions that lack a label among the training people of a fold, with why."""
    lacking: dict[str, str] = {}
    for training, _ in folds.splits():
        emotions, genuine = data.emotions[training].tolist(), data.genuine[training].tolist()
        pairs = set(zip(emotions, genuine, strict=True))
        for emotion in np.unique(data.emotions).tolist():
            if not {(emotion, True), (emotion, False)} <= pairs:
                lacking[emotion] = "too few people show it genuine and fake for these folds"
    return lacking


def _without(data: Dataset, lacking: Mapping[str, str]) -> Dataset:
    keep = np.flatnonzero(~np.isin(data.emotions, list(lacking)))
    if not len(keep):
        raise DataError("; ".join(_notes(lacking)) + ": no emotion remains")
    return data if len(keep) == len(data) else data.subset(keep)


def _notes(lacking: Mapping[str, str]) -> list[str]:
    return [f"{emotion} is left out: {why}" for emotion, why in lacking.items()]
