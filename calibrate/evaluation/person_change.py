"""How soon another person is noticed, how often one person is mistaken, and saved people.

Clips of recorded people are shown to the live stages one after another, after a pause or joined by
a cut. Nothing of this is learned from the people shown: a face descriptor is dlib's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibrate.data.dataset import Dataset
from calibrate.data.faces import face_in
from calibrate.data.replay_track import replay_through
from calibrate.data.tracks import Track
from calibrate.evaluation.online_profile import PAUSE_S, SAVED_CLIPS
from calibrate.learning.population import fit_population
from engines.model.shape import LANDMARKS
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.person.population import Population
from realtime.person.tracker import ExpectedPerson

Json = dict[str, object]
CUT_S = 1 / 30  # from the last frame of one clip to the first of the next
PAUSES_S = {"after a pause": PAUSE_S, "at a cut": CUT_S}
FIRST = 6  # clips of the first person, at most
TURNS = 10  # of every person as the first, each with other clips and another second person
SOON_S = 1.0  # within which a change should be noticed


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether a clip changed the person, after how many seconds, and who it is at its end."""

    noticed_s: float | None
    is_expected: bool
    confirmed: bool


def person_change_metrics(data: Dataset, seed: int) -> Json:
    """Return shares of changes noticed and of pauses mistaken, and of saved people told wrongly.

    Empty for one person, and where the tracks have no descriptors.
    """
    people = data.clips_by_person(np.arange(len(data)))
    if len(people) < 2 or not any(len(track.descriptors) for track in data.tracks):
        return {}
    simulation = _Simulation(data, fit_population(data, np.arange(len(data))), seed)
    changes = {way: simulation.changes(pause_s) for way, pause_s in PAUSES_S.items()}
    return {**changes, "saved": simulation.saved()}


def sentences(metrics: object) -> list[str]:
    """Return the metrics as sentences for the report."""
    if not isinstance(metrics, Mapping) or not metrics:
        return []
    lines = [_sentence(way, metrics[way]) for way in PAUSES_S]
    saved = metrics["saved"]
    if saved["people"]:
        lines.append(
            f"own saved profile: refused in {saved['own_refused']:.2%}, not confirmed in "
            f"{saved['own_unconfirmed']:.2%} of {saved['own']}; another's: accepted in "
            f"{saved['others_accepted']:.2%}, not refused in {saved['others_unrefused']:.2%} of "
            f"{saved['others']}"
        )
    return lines


def _sentence(way: str, found: Mapping[str, Any]) -> str:
    return (
        f"person change {way}: noticed within {SOON_S:g} s in {found['noticed']:.2%} of "
        f"{found['changes']}, median {found['median_s']:.2f} s; one person mistaken for another "
        f"in {found['mistaken']:.2%} of {found['pauses']}"
    )


class _Simulation:
    """Clips of people in random order, shown to a motion stage."""

    def __init__(self, data: Dataset, population: Population, seed: int) -> None:
        self._data, self._population = data, population
        # Of any kind, since its output is unused.
        self._basis = MovementBasis(np.eye(LANDMARKS, population.width, dtype=np.float32), 1.0)
        self._rng = np.random.default_rng(seed)
        described = np.flatnonzero([len(track.descriptors) > 0 for track in data.tracks])
        self._own = data.clips_by_person(described)

    def changes(self, pause_s: float) -> Json:
        """Return how many changes are noticed soon, and how many pauses of one are mistaken."""
        after: list[float | None] = []
        mistaken: list[bool] = []
        for first, other in self._pairs(FIRST):
            motion = self._motion()
            tracks = [self._data.tracks[i] for i in (*first, other)]
            shown = list(_show(motion, tracks, pause_s))
            mistaken += [one.noticed_s is not None for one in shown[1 : len(first)]]
            after += [one.noticed_s for one in shown[len(first) :]]
        seconds = [at_s for at_s in after if at_s is not None]
        return {
            "changes": len(after),
            "noticed": _share([at_s is not None and at_s <= SOON_S for at_s in after]),
            "median_s": round(float(np.median(seconds)), 3) if seconds else float("nan"),
            "pauses": len(mistaken),
            "mistaken": _share(mistaken),
        }

    def saved(self) -> Json:
        """Return how often a saved person is refused, and how often another is accepted."""
        own: list[Shown] = []
        others: list[Shown] = []
        for known, other in self._pairs(SAVED_CLIPS + 1):
            if len(known) < 2:
                continue
            own += self._expecting(known[:-1], known[-1])
            others += self._expecting(known[:-1], other)
        return {
            "people": len(self._own) if own else 0,
            "own": len(own),
            "own_refused": _share([not one.is_expected for one in own]),
            "own_unconfirmed": _share([not (one.is_expected and one.confirmed) for one in own]),
            "others": len(others),
            "others_accepted": _share([one.is_expected and one.confirmed for one in others]),
            "others_unrefused": _share([one.is_expected for one in others]),
        }

    def _expecting(self, known: Sequence[int], clip: int) -> Iterator[Shown]:
        """Show `clip` to a gauge that expects the person in the clips `known`."""
        stats = self._data.stats_from_clips(known)
        assert stats is not None
        saved = ExpectedPerson(stats, face_in(self._data.tracks[i] for i in known))
        yield from _show(self._motion(saved), [self._data.tracks[clip]], PAUSE_S)

    def _motion(self, expected: ExpectedPerson | None = None) -> MotionStage:
        return MotionStage(self._data.timing, self._population, self._basis, expected=expected)

    def _pairs(self, most: int) -> Iterator[tuple[list[int], int]]:
        """Yield clips of a person, up to `most`, and a clip of another."""
        for subject, clips in self._own.items():
            others = [name for name in self._own if name != subject]
            for _ in range(TURNS if others else 0):
                another = self._own[str(self._rng.choice(others))]
                yield self._rng.permutation(clips)[:most].tolist(), int(self._rng.choice(another))


def _show(motion: MotionStage, tracks: Sequence[Track], pause_s: float) -> Iterator[Shown]:
    """Show `tracks` to `motion`, `pause_s` apart; yield what each changed."""
    now_s = 0.0
    for track in tracks:
        before, noticed_s = motion.person.person_id, None
        first_s, last_s = track.times_s[[0, -1]].tolist()
        for tick in replay_through(motion, track, later_s=now_s - first_s):
            if noticed_s is None and motion.person.person_id > before:
                noticed_s = tick.at_s - now_s
        now_s += last_s - first_s + pause_s
        yield Shown(noticed_s, motion.person.is_expected, motion.person.confirmed)


def _share(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if len(flags) else float("nan")
