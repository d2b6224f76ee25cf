"""Boosters by emotion on recognised PBs, and what they say of people held out: the mean over a clip's passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibrate.data.clips import Clip, DataError
from calibrate.metrics import Scored
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.trees import LabelledPbs, PbClassifier, fit_pb_classifier, trees_of
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats


@dataclass(frozen=True, slots=True)
class ScoredClip:
    """A clip of somebody held out, with the probability of genuine that its passes have in the mean."""

    clip: Clip
    part: str
    passes: int
    p_genuine: float


def grown(emotion: str, pbs: Mapping[Clip, Floats], split: Split, seed: int) -> PbClassifier:
    """The booster of one emotion, on every pass over the clips of those who are learned from."""
    clips = [c for c in pbs if c.emotion == emotion and split.part(c.subject) == TRAIN]
    passes = [len(pbs[clip]) for clip in clips]
    genuine = np.repeat([clip.label == GENUINE for clip in clips], passes)
    subject = np.repeat([clip.subject for clip in clips], passes)
    return fit_pb_classifier(
        emotion,
        LabelledPbs(np.concatenate([pbs[c] for c in clips]), genuine, subject),
        trees_of(emotion),
        seed,
    )


def judge(
    pbs: Mapping[Clip, Floats], boosters: Mapping[str, PbClassifier], split: Split
) -> list[ScoredClip]:
    """Every clip of those held out, in the order of their names."""
    clips = sorted((c for c in pbs if split.part(c.subject) != TRAIN), key=lambda clip: clip.name)
    return [
        ScoredClip(
            c,
            split.part(c.subject),
            len(pbs[c]),
            float(boosters[c.emotion].p_genuine(pbs[c]).mean()),
        )
        for c in clips
    ]


def scored(judged: Sequence[ScoredClip], part: str) -> Scored:
    """The clips of one part, for the figures of merit."""
    here = [one for one in judged if one.part == part]
    if not here:
        raise DataError(
            f"no clip is left of the people who {part}; mend the clips that were left out"
        )
    return Scored(
        np.array([one.p_genuine for one in here]),
        np.array([one.clip.label == GENUINE for one in here]),
        np.array([one.clip.subject for one in here]),
        np.array([one.clip.emotion for one in here]),
    )
