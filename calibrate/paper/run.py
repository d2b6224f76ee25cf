"""The paper's protocol from clips to tables: crops, networks, PBs, trees, pairs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from calibrate.data.clips import DataError, find_clips
from calibrate.paper.evaluate import fit_emotion_classifier, score_held_out
from calibrate.paper.protocol import ArtifactPaths, PaperProtocol
from calibrate.paper.report import PaperResult
from calibrate.paper.split import split_people
from calibrate.paper.stages import Progress, extract_motions, recognise_all, train_all, train_tasks

ProgressBar = Callable[[str], AbstractContextManager[Progress]]  # one for each stage
WORK = "work"  # folder of finished work, beside the results


def run_protocol(
    data: Path,
    out: Path,
    protocol: PaperProtocol,
    jobs: int,
    progress_bar: ProgressBar,
    print_line: Callable[[str], None],
) -> PaperResult:
    """Run the protocol under `out`, `jobs` tasks at a time, reusing the work of an earlier run.

    `print_line` gets the split of the people first. Deterministic in the protocol's seed.
    """
    clips = find_clips(data)
    split = split_people((clip.subject for clip in clips), protocol.seed)
    print_line(split.summary())
    paths = ArtifactPaths(out / WORK, protocol)
    with progress_bar("clips") as step:
        motions, skipped = extract_motions(clips, split, paths, jobs, step)
    if not motions:
        first = skipped[0]
        raise DataError(
            f"none of the {len(clips)} clips in {data} is usable; {first.name}: {first.reason}"
        )
    training = train_tasks(motions, split, paths)
    with progress_bar("epochs") as step:
        train_all(training, jobs, step)
    with progress_bar("recognition") as step:
        pbs = recognise_all(motions, training, paths, jobs, step)
    classifiers = {}
    with progress_bar("boosters") as step:
        for task in training:
            emotion = task.emotion
            classifiers[emotion] = fit_emotion_classifier(emotion, pbs, split, protocol.seed)
            step(len(training))
    scored = score_held_out(pbs, classifiers, split)
    return PaperResult(protocol, split, skipped, training, classifiers, scored)
