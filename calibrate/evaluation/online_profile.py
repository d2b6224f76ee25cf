"""Simulate online enrolment: apex windows of one person in random order, with the live judge.

Only the windows are shown, so no clip edge is seen, and the gauge knows of the person what earlier
windows showed. Also measured: without the person's range, from the person's saved profile, and from
the saved profile of another person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibrate.data.dataset import Dataset
from calibrate.data.faces import face_in
from calibrate.data.replay_track import replay_through
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import FittedModel, score_models
from engines.registry import create_engine
from realtime.core.labels import ANY
from realtime.motion.motion import MotionStage
from realtime.person.known_face import KnownFace
from realtime.person.stats import PersonStats
from realtime.person.tracker import ExpectedPerson, ExpressionThresholds
from realtime.recognition.recogniser import RecogniserSet
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.person_bias import PersonBias

PAUSE_S = 1.0  # without a face between two windows: short enough for the same person
ORDERS = 4  # rotations of the random order in which all windows of a person are shown
SAVED_CLIPS = 10  # from which a saved profile is estimated
NEVER = 1e12  # prior of the range in clips: the person's own range is never used
RUNNING, WITHOUT_RANGE = "running", "running, without range"
OWN, ANOTHERS = "own profile", "another's profile"
OPEN_GATE = Gate(0.0, 0.0, 255.0, 1.0, 0.0, 0.0)  # every window is read
LOG_ODDS = PlattScaling(1.0, 0.0, 0.0)  # scores are compared, not probabilities
# Clip, windows shown before, still taken for the saved person, score of every tick
Row = tuple[int, int, bool, list[float]]
OnlineRows = dict[str, list[Row]]  # by condition: `RUNNING`, `WITHOUT_RANGE`, `OWN`, `ANOTHERS`


@dataclass(frozen=True, slots=True, eq=False)
class StartingProfile:
    """Saved profile that a simulation starts with; `clips` is the weight of `bias`."""

    stats: PersonStats
    bias: float
    clips: float
    face: KnownFace | None


class OnlineSimulation:
    """Shows apex windows of one person to the live stages of a whole model."""

    def __init__(self, model: FittedModel, data: Dataset, thresholds: ExpressionThresholds) -> None:
        learned = model.learned
        self._data, self._learned, self._thresholds = data, learned, thresholds
        self._windows = learned.windows(data)
        self._reader, self._boosters = ClipReader(learned, self._windows), score_models(model)
        engines = [create_engine("native", learned.networks[name]) for name in learned.ensemble]
        self._recognisers = RecogniserSet(
            engines, learned.learning_config.recognition(data.timing.frames)
        )

    def run(
        self, clips: Sequence[int], *, use_range: bool = True, saved: StartingProfile | None = None
    ) -> Iterator[Row]:
        """Show the apex windows of `clips` in that order; yield what the judge makes of each."""
        population = self._learned.population
        motion = MotionStage(
            self._data.timing,
            population if use_range else replace(population, range_prior=NEVER),
            self._learned.basis,
            thresholds=self._thresholds,
            expected=ExpectedPerson(saved.stats, saved.face) if saved else None,
        )
        judge, now_s = self._judge(saved), 0.0
        for shown, clip in enumerate(clips):
            first_s, last_s = self._windows.times_s(clip)
            judge.set_emotion(str(self._data.emotions[clip]))
            track = self._data.tracks[clip]
            ticks = replay_through(motion, track, (first_s, last_s), now_s - first_s)
            readings = [judge.read(tick) for tick in ticks]
            scores = [reading.score for reading in readings if reading.score is not None]
            now_s += last_s - first_s + PAUSE_S
            yield clip, shown, motion.person.is_expected, scores

    def profile(self, clips: Sequence[int]) -> StartingProfile:
        """Estimate the saved profile of a person from `clips`."""
        stats = self._data.stats_from_clips(clips)
        assert stats is not None
        bias, weight = self._reader.bias(clips, stats).mean
        return StartingProfile(stats, bias, weight, face_in(self._data.tracks[i] for i in clips))

    def _judge(self, saved: StartingProfile | None) -> Judge:
        judges = {emotion: self._emotion_judge(emotion, saved) for emotion in self._boosters}
        return Judge(ANY, OPEN_GATE, self._recognisers, judges)

    def _emotion_judge(self, emotion: str, saved: StartingProfile | None) -> EmotionJudge:
        bias = PersonBias(saved.bias, saved.clips) if saved else PersonBias()
        read_outs, shared = self._reader.read_outs(emotion), self._reader.read_outs(ANY)
        return EmotionJudge(
            emotion,
            self._learned.ensemble,
            FeatureExtractor(read_outs, shared, bias),
            self._boosters[emotion],
            LOG_ODDS,
            self._data.timing.stride_s,
        )


def score_online(
    model: FittedModel, data: Dataset, clips: Iterable[int], thresholds: ExpressionThresholds
) -> OnlineRows:
    """Score the people in `clips` under every condition."""
    rows, simulation = OnlineRows(), OnlineSimulation(model, data, thresholds)
    rng, own = (
        np.random.default_rng(model.learned.learning_config.seed),
        data.clips_by_person(np.array([*clips])),
    )
    shuffled = {subject: rng.permutation(clips).tolist() for subject, clips in own.items()}
    saved = {s: simulation.profile(order[:SAVED_CLIPS]) for s, order in shuffled.items()}
    names = list(shuffled)
    for number, (subject, order) in enumerate(shuffled.items()):
        other = names[(number + 1) % len(names)]
        for shown in _orders(order):
            rows.setdefault(RUNNING, []).extend(simulation.run(shown))
            rows.setdefault(WITHOUT_RANGE, []).extend(simulation.run(shown, use_range=False))
        held_out = order[SAVED_CLIPS:]
        rows.setdefault(OWN, []).extend(simulation.run(held_out, saved=saved[subject]))
        not_theirs = simulation.run(held_out, saved=saved[other]) if other != subject else ()
        rows.setdefault(ANOTHERS, []).extend(not_theirs)
    return rows


def _orders(clips: Sequence[int]) -> list[list[int]]:
    """Return orders in which the windows of `clips` are shown, so that each is once the first.

    `ORDERS` at most hold all of them; a first expression needs no others after it.
    """
    turns = sorted({turn * len(clips) // ORDERS for turn in range(ORDERS)})
    orders = [np.roll(clips, -turn).tolist() for turn in turns]
    return [*orders, *([clip] for number, clip in enumerate(clips) if number not in turns)]
