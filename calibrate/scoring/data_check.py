"""Check of a corpus before any work: counts, unreadable, short and duplicate clips, confounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from calibrate.data.counting import counted, counted_people
from calibrate.data.label_check import listed
from calibrate.evaluation.confounds import confound_lines
from calibrate.metrics import Flags, Numbers, Scored, auc
from calibrate.scoring.inputs import ClipEntry
from calibrate.scoring.inspection import FileFacts
from realtime.core.labels import GENUINE

SHORTEST_S = 0.8  # of a window
PROPERTIES = ("duration_s", "hz", "height", "brightness")
NAMES = {"duration_s": "length", "hz": "frame rate", "height": "resolution"}
Facts = Mapping[Path, FileFacts]


def check_lines(entries: Sequence[ClipEntry], facts: Facts, known: Sequence[str]) -> list[str]:
    """Return what is found as lines of text; `known` are the emotions of the bundle."""
    tied = confound_lines(confounds(entries, facts))
    return [*_counts(entries, facts), *_findings(entries, facts, known), *tied]


def missing_files(entries: Sequence[ClipEntry], facts: Facts) -> list[Path]:
    """Return the files of `entries` that do not exist, each once."""
    return [file for file in dict.fromkeys(e.file for e in entries) if facts[file].missing]


def _counts(every: Sequence[ClipEntry], facts: Facts) -> Iterator[str]:
    entries = [entry for entry in every if not facts[entry.file].missing]
    people = Counter(entry.person for entry in entries if entry.person)
    line = counted(len(entries), "clip")
    if people:
        least, most = min(people.values()), max(people.values())
        each = f"{least}" if least == most else f"{least} to {most}"
        line += f" of {counted_people(len(people))} ({each} each)"
    if without := sum(not entry.person for entry in entries):
        line += f", {without} without a person" if people else ", no person named"
    if missing := len(every) - len(entries):
        line += f"; {missing} more without a file"
    yield line
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if entry.emotion or entry.label:
            labels[entry.emotion or "no emotion"][entry.label or "unlabelled"] += 1
    for emotion, counts in sorted(labels.items()):
        yield f"  {emotion}: {', '.join(f'{n} {label}' for label, n in sorted(counts.items()))}"


def _findings(entries: Sequence[ClipEntry], facts: Facts, known: Sequence[str]) -> Iterator[str]:
    files = list(dict.fromkeys(entry.file for entry in entries))
    if missing := missing_files(entries, facts):
        yield f"missing: {len(missing)}; {facts[missing[0]].error}"
    if broken := [file for file in files if facts[file].error and not facts[file].missing]:
        yield f"unreadable: {len(broken)}; {facts[broken[0]].error}"
    short = [file for file in files if 0 < facts[file].duration_s < SHORTEST_S]
    if short:
        yield f"shorter than {SHORTEST_S} s, too short to judge: {_named(short)}"
    same: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        if facts[file].sha256:
            same[facts[file].sha256].append(file)
    if twice := [some for some in same.values() if len(some) > 1]:
        first = " = ".join(str(file) for file in twice[0])
        have = "content has" if len(twice) == 1 else "contents have"
        yield f"duplicates: {len(twice)} {have} several names, such as {first}"
    unknown = Counter(e.emotion for e in entries if e.emotion and e.emotion not in known)
    for emotion, count in unknown.items():
        clips = counted(count, "clip")
        yield f"{emotion}: no such emotion in the bundle, so any emotion is judged: {clips}"


def confounds(entries: Sequence[ClipEntry], facts: Facts) -> dict[str, float]:
    """Return how well each property of the files alone tells the labels apart, as an AUC.

    It is 0.5 for nothing and 1 for everything, whichever label has more of the property. Empty
    without clips of both labels.
    """
    used = [e for e in entries if e.label and not facts[e.file].error]
    genuine = np.array([entry.label == GENUINE for entry in used])
    if not genuine.any() or genuine.all():
        return {}
    tested = {
        NAMES.get(name, name): np.array([getattr(facts[e.file], name) for e in used], np.float64)
        for name in PROPERTIES
    }
    found = {name: _auc(values, genuine) for name, values in tested.items()}
    areas = {name: max(area, 1 - area) for name, area in found.items()}
    if any(entry.person for entry in used):
        # Leaving a clip out makes its person's share tell against its label, which is no confound.
        areas["person"] = max(_auc(_share_of_others(used, genuine), genuine), 0.5)
    return areas


def _share_of_others(used: Sequence[ClipEntry], genuine: Flags) -> Numbers:
    """Return the share of genuine ones among the other clips of each clip's person (n,)."""
    all_of = Counter(entry.person for entry in used)
    of_genuine = Counter(e.person for e, label in zip(used, genuine, strict=True) if label)
    return np.array(
        [
            (of_genuine[e.person] - own) / (all_of[e.person] - 1) if all_of[e.person] > 1 else 0.5
            for e, own in zip(used, genuine.astype(int), strict=True)
        ]
    )


def _auc(values: Numbers, genuine: Flags) -> float:
    """Return the AUC of `values` (n,); both labels must occur."""
    unnamed = np.full(len(values), "")
    area = auc(Scored(values, genuine, unnamed, unnamed))
    assert area is not None
    return area


def _named(files: Sequence[Path]) -> str:
    return f"{len(files)} ({listed(file.name for file in files)})"
