"""Top-1 and top-2 accuracy of `--emotion auto`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from calibrate.data.dataset import Dataset
from calibrate.learning.emotions.errors import ClipMismatches

Json = dict[str, object]


def emotion_ranking_metrics(data: Dataset, fits: ClipMismatches) -> Json:
    """Return top-1 and top-2 accuracy; empty where nothing was ranked."""
    if not fits:
        return {}
    ranks = {clip: rank(str(data.emotions[clip]), mismatches) for clip, mismatches in fits.items()}
    by_emotion = {
        str(e): _shares(r for clip, r in ranks.items() if data.emotions[clip] == e)
        for e in _shown(data, fits)
    }
    return {
        **_shares(ranks.values()),
        "emotions": max(map(len, fits.values())),
        "by_emotion": by_emotion,
    }


def rank(emotion: str, mismatches: Mapping[str, float]) -> int:
    """How many other emotions fit a movement better than its own, or as well."""
    return sum(
        not mismatches[emotion] < other for name, other in mismatches.items() if name != emotion
    )


def sentences(found: object) -> list[str]:
    """Return the accuracies as text lines."""
    if not isinstance(found, dict) or not found:
        return []
    first, two, chance = found["first"], found["two"], 1 / found["emotions"]
    return [
        f"auto: of {found['clips']} clips the emotion is first in {first:.3f},"
        f" among the first two in {two:.3f}; by chance in {chance:.3f} and {min(1, 2 * chance):.3f}"
    ]


def _shares(ranks: Iterable[int]) -> Json:
    places = np.array(list(ranks))
    return {
        "clips": len(places),
        "first": round(float((places < 1).mean()), 4),
        "two": round(float((places < 2).mean()), 4),
    }


def _shown(data: Dataset, fits: ClipMismatches) -> list[str]:
    return sorted({str(data.emotions[clip]) for clip in fits})
