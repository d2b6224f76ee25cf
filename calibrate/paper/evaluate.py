"""Classifiers by emotion on recognised PBs, and the scores of held-out clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibrate.data.clips import Clip, DataError
from calibrate.metrics import Scored
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.trees import LabelledPbs, PbClassifier, boosting_config, fit_pb_classifier
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats


@dataclass(frozen=True, slots=True)
class ScoredClip:
    """A held-out clip with its probability of genuine, the mean over its passes."""

    clip: Clip
    part: str
    passes: int
    p_genuine: float


def fit_emotion_classifier(
    emotion: str, pbs: Mapping[Clip, Floats], split: Split, seed: int
) -> PbClassifier:
    """Fit the classifier of one emotion on every pass over the training people's clips."""
    clips = [c for c in pbs if c.emotion == emotion and split.part(c.subject) == TRAIN]
    passes = [len(pbs[clip]) for clip in clips]
    labelled = LabelledPbs(
        np.concatenate([pbs[clip] for clip in clips]),
        np.repeat([clip.label == GENUINE for clip in clips], passes),
        np.repeat([clip.subject for clip in clips], passes),
    )
    return fit_pb_classifier(emotion, labelled, boosting_config(emotion), seed)


def score_held_out(
    pbs: Mapping[Clip, Floats], classifiers: Mapping[str, PbClassifier], split: Split
) -> list[ScoredClip]:
    """Score every clip of the held-out people, sorted by name."""
    scored = []
    for clip in sorted(pbs, key=lambda clip: clip.name):
        part = split.part(clip.subject)
        if part != TRAIN:
            p_genuine = float(classifiers[clip.emotion].p_genuine(pbs[clip]).mean())
            scored.append(ScoredClip(clip, part, len(pbs[clip]), p_genuine))
    return scored


def scored_part(clips: Sequence[ScoredClip], part: str) -> Scored:
    """Return the scores of one part of the split; raises `DataError` if it has no clip."""
    chosen = [clip for clip in clips if clip.part == part]
    if not chosen:
        raise DataError(f"no clip of the {part} people is usable; fix the skipped clips")
    return Scored(
        np.array([one.p_genuine for one in chosen]),
        np.array([one.clip.label == GENUINE for one in chosen]),
        np.array([one.clip.subject for one in chosen]),
        np.array([one.clip.emotion for one in chosen]),
    )
