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
from calibrate.data.replay_track import played
from calibrate.learning.fit import Model, Reader, boosters
from engines.engine import Engine
from engines.registry import create
from realtime.motion.motion import Motion
from realtime.person.population import Known
from realtime.person.tracker import Limits
from realtime.recognition.recogniser import Recognisers
from realtime.runtime.stages_from_bundle import ANY
from realtime.verdict.features import Evidence, Level

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
class Saved:
    """What a saved profile starts the gauge with."""

    known: Known
    level: float
    clips: float


class Streamer:
    """Shows windows to the live path, person by person, as a whole model judges them."""

    def __init__(self, model: Model, data: Dataset, limits: Limits) -> None:
        learned = model.learned
        self._data, self._learned, self._limits = (
            data.ranged(learned.people.movement_range),
            learned,
            limits,
        )
        self._reader, self._boosters = Reader(learned, data), boosters(model)
        engines: list[Engine] = [
            create("native", learned.networks[name]) for name in learned.judges
        ]
        self._recognisers = Recognisers(engines, learned.plan.loop(data.timing.frames))

    def stream(
        self, clips: Sequence[int], *, ranged: bool = True, saved: Saved | None = None
    ) -> Iterator[Row]:
        """The apex windows of `clips` of one person in that order; `ranged` False leaves their range unknown."""
        data, people = self._data, self._learned.people
        people = people if ranged else replace(people, range_prior=UNKNOWABLE)
        known = saved.known if saved else None
        motion = Motion(
            data.timing, people, self._learned.basis, limits=self._limits, beforehand=known
        )
        level = Level(saved.level, saved.clips) if saved else Level()
        now_s, number = 0.0, 0
        for seen, clip in enumerate(clips):
            between_s = data.times_s(clip, data.spans[clip])
            scores = []
            evidence = Evidence(
                self._reader.read_outs(str(data.emotions[clip])), self._reader.read_outs(ANY), level
            )
            self._recognisers.reset()
            for tick in played(motion, data.tracks[clip], between_s, now_s - between_s[0]):
                if tick.person != number:
                    number = tick.person
                    level.forget()
                if tick.window is not None:
                    inputs = evidence.inputs(self._recognisers.tick(tick.window))
                    scores.append(self._boosters[str(data.emotions[clip])].score(inputs))
            evidence.ended()
            now_s += between_s[1] - between_s[0] + PAUSE_S
            yield clip, seen, motion.person.expected, scores

    def profile(self, clips: Sequence[int]) -> Saved:
        """What is saved of a person by `clips`."""
        known = self._data.known(clips)
        assert known is not None
        level = self._reader.level(clips, known)
        return Saved(known, *level.known)


def ask_streams(model: Model, data: Dataset, clips: Iterable[int], limits: Limits) -> Streams:
    """Every way of knowing a person, asked about the people in `clips`."""
    chosen, found = np.array(list(clips)), Streams()
    streamer = Streamer(model, data, limits)
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
