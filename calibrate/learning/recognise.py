"""Recognition of labelled clips by the live recogniser, as `calibrate.learning` needs it.

Boosters learn from what the live loop gives, with its strides and its number of steps; otherwise
they would learn a distribution other than the one that they judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calibrate.data.clip_onset import ClipOnsetMeter
from calibrate.data.dataset import ApexWindows
from calibrate.data.replay_track import replay_ticks
from engines.engine import Engine
from realtime.core.messages import Estimate, Onset, Tick, Window
from realtime.motion.basis import MovementBasis
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.emotion_classifier import EmotionClassifier
from realtime.verdict.emotion_fit import EmotionErrors, emotion_mismatches


@dataclass(frozen=True, slots=True, eq=False)
class LiveStages:
    """What the live gauge's stages before recognition are made of."""

    population: Population
    basis: MovementBasis
    thresholds: ExpressionThresholds


def window_ticks(
    windows: ApexWindows, clip: int, stages: LiveStages, stats: PersonStats | None
) -> Iterator[tuple[Tick, Window]]:
    """Yield each tick of `clip` that has a window, with it, for a person with `stats`."""
    ticks = replay_ticks(
        windows.data.tracks[clip],
        windows.data.timing,
        stages.population,
        stages.basis,
        windows.reference_stats(clip, stats),
        windows.times_s(clip),
    )
    for tick in ticks:
        if tick.window is not None:
            yield tick, tick.window


class ClipRecogniser:
    """Runs the live recognition loop of some networks over the windows of a dataset."""

    def __init__(
        self,
        windows: ApexWindows,
        engines: Sequence[Engine],
        config: RecognitionConfig,
        stages: LiveStages,
    ) -> None:
        self._windows, self._stages = windows, stages
        self._recognisers = RecogniserSet(engines, config)

    def ticks(
        self, clip: int, stats: PersonStats | None
    ) -> Iterator[tuple[Tick, dict[str, Estimate]]]:
        """Yield each tick with a window of `clip`, and the estimates by network.

        `stats` are those known of the person; each clip starts from a PB of zero.
        """
        self._recognisers.reset()
        for tick, window in window_ticks(self._windows, clip, self._stages, stats):
            yield tick, self._recognisers.tick_subset(window, self._recognisers.names)

    def onsets(
        self, clip: int, frames: Sequence[int], stats: PersonStats | None
    ) -> tuple[Onset | None, ...]:
        """Return the onset of the expression in `clip` as seen at each of the rising `frames`.

        As live, the clip is seen from its start, not from that of its window. None everywhere for a
        person without `stats`: without the neutral, an expression has no beginning.
        """
        stages, track = self._stages, self._windows.data.tracks[clip]
        meter = ClipOnsetMeter(track, stages.thresholds, stages.population.movement_range)
        return tuple(meter.onset_at(frame, stats) for frame in frames)


def mismatches_by_tick(
    recogniser: ClipRecogniser,
    clip: int,
    stats: PersonStats | None,
    classifier: EmotionClassifier | None,
) -> Iterator[dict[str, float]]:
    """Yield how badly every emotion fits after each tick of `clip`, as `auto` ranks them."""
    errors = EmotionErrors()
    for tick, estimates in recogniser.ticks(clip, stats):
        assert tick.window is not None
        errors.add(tick.window, estimates)
        likely = classifier.probabilities(tick.window.motion) if classifier else {}
        yield emotion_mismatches(errors.mean_errors(), likely)


def errors_by_tick(
    recogniser: ClipRecogniser, clip: int, stats: PersonStats | None
) -> Iterator[dict[str, float]]:
    """Yield the error of every emotion after each tick of `clip`."""
    return mismatches_by_tick(recogniser, clip, stats, None)
