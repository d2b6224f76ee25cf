"""Recognition of labelled clips by the live recogniser, as `calibrate.learning` needs it.

Boosters learn from what the live loop gives, with its strides and its number of steps; otherwise
they would learn a distribution other than the one that they judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calibrate.data.dataset import ApexWindows
from calibrate.data.replay_track import replay_ticks
from engines.engine import Engine
from realtime.core.messages import Estimate, Window
from realtime.motion.basis import MovementBasis
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.emotion_fit import EmotionErrors


class ClipRecogniser:
    """Runs the live recognition loop of some networks over the windows of a dataset."""

    def __init__(
        self,
        windows: ApexWindows,
        engines: Sequence[Engine],
        config: RecognitionConfig,
        population: Population,
        basis: MovementBasis,
    ) -> None:
        self._windows, self._population, self._basis = windows, population, basis
        self._recognisers = RecogniserSet(engines, config)

    def ticks(
        self, clip: int, stats: PersonStats | None
    ) -> Iterator[tuple[float, Window, dict[str, Estimate]]]:
        """Yield time, window and estimates by network of each tick in the window of `clip`.

        `stats` are those known of the person; each clip starts from a PB of zero.
        """
        windows, data = self._windows, self._windows.data
        self._recognisers.reset()
        ticks = replay_ticks(
            data.tracks[clip],
            data.timing,
            self._population,
            self._basis,
            windows.reference_stats(clip, stats),
            windows.times_s(clip),
        )
        for tick in ticks:
            if tick.window is not None:
                names = self._recognisers.names
                yield tick.at_s, tick.window, self._recognisers.tick_subset(tick.window, names)


def errors_by_tick(
    recogniser: ClipRecogniser, clip: int, stats: PersonStats | None
) -> Iterator[dict[str, float]]:
    """Yield the error of every emotion after each tick of `clip`."""
    errors = EmotionErrors()
    for _, window, estimates in recogniser.ticks(clip, stats):
        errors.add(window, estimates)
        yield errors.mean_errors()
