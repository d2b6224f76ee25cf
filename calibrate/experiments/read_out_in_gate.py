"""Measure what the expression read-out adds in the gate and in the estimate of the neutral.

    python -m calibrate.experiments.read_out_in_gate TRACKS.npz -o FOLDER

Every clip is shown to the live stages from its start to the end of its apex window, with the
read-out and without it: once as a stranger's, whose neutral is estimated on the way, and once with
the neutral of ten other clips of the person. All clips show an expression, so each that the gate
refuses at its apex is one too many. The scores are those of `calibrate.experiments.ablation` with
the read-out, whose networks are found in `FOLDER` or trained; a clip that is refused counts as
undecided.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from calibrate.data.clips import DataError
from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.data.replay_track import replay_through
from calibrate.experiments.ablation import (
    BOTH,
    compared,
    held_out_scores,
    learn,
    measure,
    read_arguments,
    scored_clips,
)
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.recognise import LiveStages
from calibrate.metrics import auc
from realtime.core.messages import State
from realtime.motion.motion import MotionStage
from realtime.person.stats import PersonStats
from realtime.verdict.gate import Gate

KNOWN = (0, 10)
STATES = (State.JUDGING, State.UNCERTAIN, State.NEUTRAL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    tracks, folder = read_arguments("read_out_in_gate", __doc__, arguments)
    print("\n".join(report_lines(*learn(BOTH, tracks, folder))))
    return 0


def report_lines(learned: LearnedNetworks, data: Dataset) -> Iterator[str]:
    """Yield a line on the gate and one on the scores for each way, with none and ten known."""
    if data.rest is None:
        raise DataError("the tracks hold no read-out; make them again by calibrate extract")
    bare = replace(data, rest=None, at_rest=())
    ways = {"with the read-out": data, "without the read-out": bare}
    whole, everyone = measure(learned, data), np.ones(len(data), bool)
    for known in KNOWN:
        score, scored = held_out_scores(whole, known), {}
        for way, seen in ways.items():
            states = states_at_apex(learned, seen, known)
            judged = np.array([state is State.JUDGING for state in states])
            scored[way] = scored_clips(data, np.where(judged, score, 0.0), everyone)
            counts = Counter(state if state in STATES else "other" for state in states)
            shares = ", ".join(f"{name} {counts[name]}" for name in (*STATES, "other"))
            area = auc(scored_clips(data, score, judged))
            yield f"{known} known, {way}: {shares}, AUC of those judged {area or np.nan:.3f}"
        yield from compared(f"{known} known, all clips", scored)


def states_at_apex(learned: LearnedNetworks, data: Dataset, known: int) -> list[State]:
    """Return what the gate makes of every clip at the end of its apex window."""
    windows, found = learned.windows(data), []
    for clip in range(len(data)):
        stats = data.stats_from_clips(other_clips(data, clip, known, learned.seed))
        found.append(state_at_apex(windows, clip, learned.stages, stats))
    return found


def state_at_apex(
    windows: ApexWindows, clip: int, stages: LiveStages, stats: PersonStats | None
) -> State:
    """Return the same of one clip, of a person with `stats`; None: of a stranger.

    Without limits of the read-out in its dataset, the gate goes by movement alone.
    """
    data, track = windows.data, windows.data.tracks[clip]
    thresholds = replace(stages.thresholds, rest=data.rest)
    gate = Gate(0.0, 0.0, 255.0, 1.0, thresholds.onset, thresholds.offset)
    motion = MotionStage(data.timing, stages.population, stages.basis, stats, thresholds=thresholds)
    between_s = float(track.times_s[0]), windows.times_s(clip)[1]
    state = State.WARMING_UP
    for tick in replay_through(motion, track, between_s):
        refusal = gate.refuse(tick, expressing=state is State.JUDGING)
        state = State.JUDGING if refusal is None else refusal.state
    return state


if __name__ == "__main__":
    sys.exit(main())
