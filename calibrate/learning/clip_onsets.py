"""Onsets of labelled clips, measured as the live gauge does, and their speeds for a bundle.

An onset counts only in a clip that shows it from its own beginning, 25 % of the apex, on. The first
frame of the clip is no beginning: how clips were cut may tell their label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clip_onset import intensity_over_time, onset_to_apex
from calibrate.data.dataset import Dataset
from calibrate.metrics import Numbers, Scored
from realtime.core.messages import Floats, Onset
from realtime.verdict.known_onsets import LEVELS, KnownOnsets

LEAST_ONSETS = 15  # of a label; quantiles of fewer say little


@dataclass(frozen=True, slots=True, eq=False)
class ClipOnsets:
    """Clips of `data` that show their onset: number (n,), onsets and `before_s` (n,) of each."""

    data: Dataset
    clips: NDArray[np.intp]
    onsets: tuple[Onset, ...]
    before_s: Numbers

    def measure(self, name: str) -> Numbers:
        """Return a measure (n,), NaN where an onset has none."""
        found = [getattr(onset, name) for onset in self.onsets]
        return np.array([np.nan if value is None else value for value in found], np.float64)

    def scored(self, values: Numbers, emotion: str | None = None) -> Scored:
        """Return the finite `values` (n,) with label and person, of one `emotion` or all (None)."""
        data, clips = self.data, self.clips
        keep = np.isfinite(values) & ((data.emotions[clips] == emotion) | (emotion is None))
        columns = (data.genuine, data.subjects, data.emotions)
        genuine, subjects, emotions = (column[clips][keep] for column in columns)
        return Scored(values[keep], genuine, subjects, emotions)


def measure_clips(data: Dataset, movement_range: Floats, least_before_s: float = 0.0) -> ClipOnsets:
    """Measure the onset of each clip that shows it, of people with other clips.

    The neutral is that of the person's other clips; no label is used. Clips that show less than
    `least_before_s` before their onset are left out.
    """
    clips, onsets, before_s = [], [], []
    for clip in range(len(data)):
        others = np.flatnonzero(data.subjects == data.subjects[clip])
        known = data.stats_from_clips(others[others != clip])
        if known is None:
            continue
        times_s, intensity = intensity_over_time(data, clip, known.neutral, movement_range)
        apex_s, track = float(times_s[np.argmax(intensity)]), data.tracks[clip]
        onset = onset_to_apex(track, apex_s, known.neutral, movement_range)
        first_s = float(track.times_s[0]) + least_before_s
        if onset is not None and onset.start_s >= first_s:
            clips.append(clip)
            onsets.append(onset)
            before_s.append(onset.start_s - float(track.times_s[0]))
    return ClipOnsets(data, np.array(clips, np.intp), tuple(onsets), np.array(before_s))


def known_onsets(found: ClipOnsets, least_amplitude: float) -> KnownOnsets:
    """Return the quantiles of the relative speed by emotion, of onsets that the live gauge sees.

    Emotions with few onsets are left out.
    """
    seen = np.where(found.measure("amplitude") >= least_amplitude, 1.0, np.nan)
    genuine, fake = dict[str, Floats](), dict[str, Floats]()
    for emotion in np.unique(found.data.emotions).tolist():
        scored = found.scored(found.measure("relative_speed") * seen, emotion)
        by_label = scored.p_genuine[scored.genuine], scored.p_genuine[~scored.genuine]
        if min(map(len, by_label)) >= LEAST_ONSETS:
            genuine[emotion], fake[emotion] = (
                np.asarray(np.quantile(speeds, LEVELS), np.float32) for speeds in by_label
            )
    return KnownOnsets(genuine, fake)
