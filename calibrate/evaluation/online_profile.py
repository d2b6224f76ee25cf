"""The running profile, asked as it will be used: a person's apex windows one after another, in random order.

Nothing beside the windows is shown, so no clip's edge is seen, and the gauge knows of the person what it has seen of
them so far. Also asked: without the person's range, from a saved profile, and from the saved profile of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.data.replay_track import replay_through
from calibrate.learning.fit import ClipReader, FittedModel, score_models
from engines.engine import Engine
from engines.registry import create_engine
from realtime.core.labels import ANY
from realtime.motion.motion import MotionStage
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpressionThresholds
from realtime.recognition.recogniser import RecogniserSet
from realtime.verdict.features import FeatureExtractor
from realtime.verdict.person_bias import PersonBias

PAUSE_S = (
    1.0  # between two expressions the face is away: for so short that it may be the same person's
)
ORDERS = 4  # in which each person's expressions are shown
SAVED = 10  # clips of a saved profile
UNKNOWABLE = 1e12  # clips that would have to be seen before a range is believed
RUNNING, WITHOUT_RANGE, OWN, ANOTHERS = (
    "running",
    "running, without range",
    "own profile",
    "another's profile",
)
Row = tuple[
    int, int, bool, list[float]
]  # clip, expressions seen before, still held to be the saved one, tick scores
Streams = dict[str, list[Row]]


@dataclass(frozen=True, slots=True, eq=False)
class StartingProfile:
    """What a saved profile starts the gauge with."""

    known: PersonStats
    level: float
    clips: float


class OnlineSimulation:
    """Shows windows to the live path, person by person, as a whole model judges them."""

    def __init__(self, model: FittedModel, data: Dataset, limits: ExpressionThresholds) -> None:
        learned = model.learned
        self._data, self._learned, self._limits = (
            data.ranged(learned.population.movement_range),
            learned,
            limits,
        )
        self._reader, self._boosters = ClipReader(learned, data), score_models(model)
        engines: list[Engine] = [
            create_engine("native", learned.networks[name]) for name in learned.judges
        ]
        self._recognisers = RecogniserSet(engines, learned.plan.loop(data.timing.frames))

    def stream(
        self, clips: Sequence[int], *, ranged: bool = True, saved: StartingProfile | None = None
    ) -> Iterator[Row]:
        """The apex windows of `clips` of one person in that order; `ranged` False leaves their range unknown."""
        data, people = self._data, self._learned.population
        people = people if ranged else replace(people, range_prior=UNKNOWABLE)
        known = saved.known if saved else None
        motion = MotionStage(
            data.timing, people, self._learned.basis, limits=self._limits, beforehand=known
        )
        level = PersonBias(saved.level, saved.clips) if saved else PersonBias()
        now_s, number = 0.0, 0
        for seen, clip in enumerate(clips):
            between_s = data.times_s(clip, data.frame_ranges[clip])
            scores = []
            evidence = FeatureExtractor(
                self._reader.read_outs(str(data.emotions[clip])), self._reader.read_outs(ANY), level
            )
            self._recognisers.reset()
            for tick in replay_through(motion, data.tracks[clip], between_s, now_s - between_s[0]):
                if tick.person != number:
                    number = tick.person
                    level.reset()
                if tick.window is not None:
                    inputs = evidence.features(self._recognisers.tick(tick.window))
                    scores.append(self._boosters[str(data.emotions[clip])].score(inputs))
            evidence.end_expression()
            now_s += between_s[1] - between_s[0] + PAUSE_S
            yield clip, seen, motion.person.is_expected, scores

    def profile(self, clips: Sequence[int]) -> StartingProfile:
        """What is saved of a person by `clips`."""
        known = self._data.stats_from_clips(clips)
        assert known is not None
        level = self._reader.level(clips, known)
        return StartingProfile(known, *level.mean)


def score_online(
    model: FittedModel, data: Dataset, clips: Iterable[int], limits: ExpressionThresholds
) -> Streams:
    """Every way of knowing a person, asked about the people in `clips`."""
    chosen, found = np.array(list(clips)), Streams()
    streamer = OnlineSimulation(model, data, limits)
    rng, own = np.random.default_rng(model.learned.plan.seed), by_person(data, chosen)
    shuffled = {subject: rng.permutation(clips).tolist() for subject, clips in own.items()}
    saved = {subject: streamer.profile(order[:SAVED]) for subject, order in shuffled.items()}
    names = list(shuffled)
    for number, (subject, order) in enumerate(shuffled.items()):
        other = names[(number + 1) % len(names)]
        for turn in range(ORDERS):
            turned = np.roll(order, -turn * len(order) // ORDERS).tolist()
            found.setdefault(RUNNING, []).extend(streamer.stream(turned))
            found.setdefault(WITHOUT_RANGE, []).extend(streamer.stream(turned, ranged=False))
        found.setdefault(OWN, []).extend(streamer.stream(order[SAVED:], saved=saved[subject]))
        found.setdefault(ANOTHERS, []).extend(streamer.stream(order[SAVED:], saved=saved[other]))
    return found


def by_person(data: Dataset, clips: NDArray[np.intp]) -> dict[str, NDArray[np.intp]]:
    """`clips` by whom they show."""
    return {str(s): clips[data.subjects[clips] == s] for s in np.unique(data.subjects[clips])}
