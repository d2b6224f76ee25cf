"""The paper's protocol from clips to tables: crops, networks, PBs, trees, pairs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from calibrate.data.clips import DataError, find_clips
from calibrate.paper.evaluate import grown, judge
from calibrate.paper.protocol import ArtifactPaths, PaperProtocol
from calibrate.paper.report import PaperResult
from calibrate.paper.split import split_people
from calibrate.paper.stages import Told, learn_all, lessons, read, recognise_all

Progress = Callable[[str], AbstractContextManager[Told]]  # a bar for each stage
WORK = "work"  # the folder beside the results in which finished work lies


def run(
    data: Path,
    out: Path,
    protocol: PaperProtocol,
    jobs: int,
    progress: Progress,
    told: Callable[[str], None],
) -> PaperResult:
    """Do everything under `out`, `jobs` pieces at a time; what an earlier run of the same protocol did is kept.

    `told` hears how the people were split, before the work. Deterministic in the protocol's seed.
    """
    clips = find_clips(data)
    split = split_people((clip.subject for clip in clips), protocol.seed)
    told(split.said())
    shop = ArtifactPaths(out / WORK, protocol)
    with progress("clips") as step:
        motions, left = read(clips, split, shop, jobs, step)
    if not motions:
        raise DataError(
            f"none of the {len(clips)} clips in {data} can be used; {left[0].name}: {left[0].reason}"
        )
    todo = lessons(motions, split, shop)
    with progress("epochs") as step:
        learn_all(todo, jobs, step)
    with progress("recognition") as step:
        pbs = recognise_all(motions, todo, shop, jobs, step)
    boosters = {}
    with progress("boosters") as step:
        for lesson in todo:
            boosters[lesson.emotion] = grown(lesson.emotion, pbs, split, protocol.seed)
            step(len(todo))
    return PaperResult(protocol, split, left, todo, boosters, judge(pbs, boosters, split))
