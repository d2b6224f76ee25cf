"""Recognition of labelled clips by the live recogniser, as `calibrate.learning` needs it.

Boosters learn from what the live loop gives, with its strides and its number of steps; otherwise
they would learn a distribution other than the one that they judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from calibrate.data.clip_onset import ClipOnsetMeter
from calibrate.data.dataset import ApexWindows
from calibrate.data.replay_track import replay_frames, replay_through
from calibrate.data.tracks import Track
from engines.engine import Engine
from realtime.core.messages import Estimate, Floats, Onset, Window
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage, movement_window
from realtime.motion.resample import Times
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.emotion_classifier import EmotionClassifier
from realtime.verdict.emotion_fit import EmotionErrors, emotion_mismatches

KEPT = 200  # clips: more than one person has; 27 KB each around the apex


@dataclass(frozen=True, slots=True, eq=False)
class LiveStages:
    """What the live gauge's stages before recognition are made of."""

    population: Population
    basis: MovementBasis
    thresholds: ExpressionThresholds


@dataclass(frozen=True, slots=True, eq=False)
class WindowTick:
    """A tick that has a window: its time, its newest frame, and the window."""

    at_s: float
    frame: int
    window: Window


@dataclass(frozen=True, slots=True, eq=False)
class _TickShapes:
    """What a tick shows of anyone: its time, its newest frame, and times (T,) and shapes (T, D)."""

    at_s: float
    frame: int
    times_s: Times
    shapes: Floats


class WindowReplay:
    """The live gauge's windows of recorded clips, for people of whom different things are known.

    Only the movement away from the neutral depends on the person, so that a clip is replayed once
    for everyone with stats. The shapes of the newest `KEPT` clips are kept.
    """

    def __init__(self, windows: ApexWindows, stages: LiveStages) -> None:
        self._windows, self._stages = windows, stages
        self._kept: dict[int, tuple[_TickShapes, ...]] = {}

    def ticks(self, clip: int, stats: PersonStats | None) -> Iterator[WindowTick]:
        """Yield each tick of `clip` that has a window, for a person with `stats`.

        None: for a stranger, who is enrolled on the way as live.
        """
        windows, stages = self._windows, self._stages
        reference = windows.reference_stats(clip, stats)
        if reference is None:
            for tick in replay_through(self._motion(), self._track(clip), windows.times_s(clip)):
                if tick.window is not None:
                    yield WindowTick(tick.at_s, tick.frame, tick.window)
            return
        for seen in self._shapes(clip):
            profile = stages.population.profile_of(seen.shapes, reference)
            movement = profile.movement(seen.shapes)
            window = movement_window(seen.times_s, movement, stages.basis)
            yield WindowTick(seen.at_s, seen.frame, window)

    def onsets_of_stranger(self, clip: int, frames: Sequence[int]) -> tuple[Onset | None, ...]:
        """Return the onset of the expression in `clip` as seen at each of the `frames`.

        The neutral is what the read-out takes for rest in the clip, seen from its start.
        """
        thresholds = replace(self._stages.thresholds, rest=self._windows.data.rest)
        motion, track = self._motion(thresholds), self._track(clip)
        until_s = float(track.times_s[0]), float(track.times_s[max(frames, default=0)])
        wanted, found = {*frames}, dict[int, Onset | None]()
        for number, _ in replay_frames(motion, track, until_s):
            if number in wanted:
                found[number] = motion.onset()
        return tuple(found[frame] for frame in frames)

    def _shapes(self, clip: int) -> tuple[_TickShapes, ...]:
        if clip not in self._kept:
            if len(self._kept) == KEPT:
                del self._kept[next(iter(self._kept))]  # the oldest
            self._kept[clip] = self._replay(clip)
        return self._kept[clip]

    def _replay(self, clip: int) -> tuple[_TickShapes, ...]:
        motion, found = self._motion(), []
        for tick in replay_through(motion, self._track(clip), self._windows.times_s(clip)):
            newest = motion.newest_shapes()
            if tick.window is not None and newest is not None:
                found.append(_TickShapes(tick.at_s, tick.frame, *newest))
        return tuple(found)

    def _motion(self, thresholds: ExpressionThresholds | None = None) -> MotionStage:
        stages, timing = self._stages, self._windows.data.timing
        return MotionStage(timing, stages.population, stages.basis, thresholds=thresholds)

    def _track(self, clip: int) -> Track:
        return self._windows.data.tracks[clip]


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
        self._replay = WindowReplay(windows, stages)
        self._recognisers = RecogniserSet(engines, config)

    def ticks(
        self, clip: int, stats: PersonStats | None
    ) -> Iterator[tuple[WindowTick, dict[str, Estimate]]]:
        """Yield each tick with a window of `clip`, and the estimates by network.

        `stats` are those known of the person; each clip starts from a PB of zero.
        """
        self._recognisers.reset()
        for tick in self._replay.ticks(clip, stats):
            yield tick, self._recognisers.tick_subset(tick.window, self._recognisers.names)

    def onsets(
        self, clip: int, frames: Sequence[int], stats: PersonStats | None
    ) -> tuple[Onset | None, ...]:
        """Return the onset of the expression in `clip` as seen at each of the rising `frames`.

        As live, the clip is seen from its start, not from that of its window. A person without
        `stats` has a neutral if the read-out sees rest before the expression; without the read-out
        there is None everywhere: without the neutral, an expression has no beginning.
        """
        stages, data = self._stages, self._windows.data
        track = data.tracks[clip]
        if stats is None and data.rest is not None and len(track.expressions):
            return self._replay.onsets_of_stranger(clip, frames)
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
        errors.add(tick.window, estimates)
        likely = classifier.probabilities(tick.window.motion) if classifier else {}
        yield emotion_mismatches(errors.mean_errors(), likely)


def errors_by_tick(
    recogniser: ClipRecogniser, clip: int, stats: PersonStats | None
) -> Iterator[dict[str, float]]:
    """Yield the error of every emotion after each tick of `clip`."""
    return mismatches_by_tick(recogniser, clip, stats, None)
