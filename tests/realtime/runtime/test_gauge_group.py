"""Several gauges over the same frames: who is there, who has a tick, and whose reading it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from populations import plain_population
from simulated_run import POINTS, TIMING, ConstantJudge, FaceEverywhere
from stages import descriptor_of

from realtime.core.messages import Frame, Landmarks, State
from realtime.core.snapshot import RunVerdict
from realtime.motion.align import align_to_eyes
from realtime.motion.basis import MovementBasis
from realtime.motion.motion import MotionStage
from realtime.person.descriptor_source import Described, DescriptorSource
from realtime.person.face_watch import FaceWatch
from realtime.runtime.gauge import Gauge, Step
from realtime.runtime.gauge_group import NOBODY, GaugeGroup, Seen

HZ = 30
IMAGE = np.zeros((4, 4, 3), np.uint8)


class Judge(ConstantJudge):
    """Judge that reads `p` and remembers whether it was closed."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.closed = p, False

    def run_verdicts(self) -> dict[str, RunVerdict]:
        return {"surprise": RunVerdict("judging", self.p, 1.0)}

    def close(self) -> None:
        self.closed = True


class Scripted:
    """Reader of faces that are there in the frames that a function says; None: never came."""

    def __init__(self, *there) -> None:
        self.there, self.face = there, FaceEverywhere()

    def read(self, frame: Frame) -> list[Seen | None]:
        return [self._one(there(frame.index), frame) for there in self.there]

    def exchange(self, one: int, other: int) -> None:
        raise AssertionError("nobody is described here")

    def _one(self, there: bool | None, frame: Frame) -> Seen | None:
        return None if there is None else self.face.read(frame) if there else NOBODY


def gauge(judge: ConstantJudge) -> Gauge:
    population = plain_population(align_to_eyes(POINTS), neutral_prior=0.01, range_prior=10.0)
    motion = MotionStage(TIMING, population, MovementBasis(np.eye(80, dtype=np.float32), 3.0))
    return Gauge(FaceEverywhere(), motion, judge)


def group(*there, **parts) -> GaugeGroup:
    gauges = [gauge(Judge(0.1 * number)) for number in range(1, len(there) + 1)]
    return GaugeGroup(gauges, Scripted(*there), **parts)


def always(index: int) -> bool:
    return True


def steps(of: GaugeGroup, count: int) -> list[tuple[Step, ...]]:
    return [of.step(Frame(n, n / HZ, 1000 + n / HZ, IMAGE)) for n in range(count)]


def test_every_face_that_is_there_has_a_tick_in_the_same_frames() -> None:
    found = steps(group(always, lambda index: None, always), 31)
    assert {tuple(step.face_id for step in each) for each in found} == {(1, 3)}
    due = [index for index, each in enumerate(found) if each[0].tick is not None]
    assert due == [0, 6, 12, 18, 24, 30]
    for each in found:
        assert len({step.tick is None for step in each}) == 1
    assert [step.tick.face_id for step in found[30] if step.tick] == [1, 3]


def test_each_face_has_a_movement_and_a_person_of_its_own() -> None:
    late = group(always, lambda index: True if index >= 40 else None)
    first, second = steps(late, 61)[60]
    assert first.tick is not None
    assert second.tick is not None
    assert first.tick.window is not None
    assert second.tick.window is None  # it has just come
    late.gauge_of(1).motion.person.reset()
    assert [one.motion.person.person_id for one in late.gauges] == [1, 0]


def test_a_lost_face_has_ticks_without_a_face_as_long_as_it_is_awaited() -> None:
    lost = group(always, lambda index: index < 10 if index < 20 else None)
    found = steps(lost, 31)
    assert [step.face_id for step in found[18]] == [1, 2]
    assert found[18][1].face is None
    assert [step.face_id for step in found[24]] == [1]


def test_nobody_is_face_1_without_a_face() -> None:
    empty = group(lambda index: None, lambda index: None)
    (step,) = steps(empty, 1)[0]
    assert (step.face_id, step.face) == (1, None)
    assert step.tick is not None
    assert empty.read(step.tick).state is State.NO_FACE
    assert empty.face_verdicts() == {}


def test_a_reading_is_that_of_the_judge_of_the_face() -> None:
    both = group(always, always)
    for step, p in zip(steps(both, 61)[60], (0.9, 0.9), strict=True):
        assert step.tick is not None
        assert both.read(step.tick).p_genuine == p
    verdicts = {face: one["surprise"].p_genuine for face, one in both.face_verdicts().items()}
    assert verdicts == {1: 0.1, 2: 0.2}


def test_a_gauge_alone_has_no_number() -> None:
    judge = Judge(0.3)
    alone = GaugeGroup.alone(gauge(judge))
    (step,) = steps(alone, 1)[0]
    assert (step.face_id, alone.first_id) == (None, None)
    assert step.tick is not None
    assert step.tick.face_id is None
    assert alone.face_verdicts() == {}
    assert alone.run_verdicts()["surprise"].p_genuine == 0.3
    alone.close()
    assert judge.closed


def test_closing_it_closes_every_judge_then_releases_the_models() -> None:
    judges, order = [Judge(0.1), Judge(0.2)], []
    both = GaugeGroup(
        [gauge(judge) for judge in judges],
        Scripted(always, always),
        release=lambda: order.append([judge.closed for judge in judges]),
    )
    both.close()
    assert order == [[True, True]]


def test_faces_not_described_are_counted_together() -> None:
    both = group(always, always)
    assert both.not_described == {}

    class Watch:
        not_described = {"poor_view": 2}  # noqa: RUF012

    for one in both.gauges:
        one.watch = Watch()  # type: ignore[assignment]
    assert both.not_described == {"poor_view": 4}


class Crossing:
    """Reader of people, by letter, at the numbers that a script gives them; "-" is a lost face.

    Their descriptors come at once. An exchange changes the places for good.
    """

    def __init__(self, script: Callable[[float], str]) -> None:
        self.script, self.order, self.exchanges = script, [0, 1], list[tuple[int, int]]()

    def read(self, frame: Frame) -> list[Seen | None]:
        people = self.script(frame.captured_at_s)
        return [self._one(people[place], frame) for place in self.order]

    def exchange(self, one: int, other: int) -> None:
        self.exchanges.append((one, other))
        self.order.reverse()

    def _one(self, person: str, frame: Frame) -> Seen | None:
        if person in "- ":
            return None if person == " " else NOBODY
        face, landmarks = FaceEverywhere().read(frame)
        return face, replace(landmarks, points_px=landmarks.points_px + 100 * (ord(person) - 65))

    def source(self, number: int) -> DescriptorSource:
        results: list[Described] = []

        class Source:
            def submit(self, frame: Frame, landmarks: Landmarks, stretch: int) -> str:
                person = int(landmarks.points_px[:, 0].mean()) // 100
                results.append(Described(descriptor_of(person), stretch))
                return ""

            def take(self) -> list[Described]:
                taken = results.copy()
                results.clear()
                return taken

        return Source()


def crossing(script: Callable[[float], str]) -> tuple[GaugeGroup, Crossing]:
    reader = Crossing(script)
    gauges = [gauge(Judge(0.1)), gauge(Judge(0.2))]
    for number, one in enumerate(gauges):
        one.watch = FaceWatch(reader.source(number))
    return GaugeGroup(gauges, reader), reader


def test_faces_that_come_back_under_each_others_number_are_exchanged() -> None:
    def swapped(at_s: float) -> str:
        return "AB" if at_s < 3 else "--" if at_s < 3.5 else "BA"

    both, reader = crossing(swapped)
    found = steps(both, 180)
    assert [{*pair} for pair in reader.exchanges] == [{0, 1}]
    assert [one.motion.person.person_id for one in both.gauges] == [0, 0]
    assert all(one.motion.person.confirmed for one in both.gauges)
    assert all(one.motion.person.remembered_s > 2.5 for one in both.gauges)
    last = [step.landmarks.points_px[:, 0].mean() // 100 for step in found[-1] if step.landmarks]
    assert last == [0, 1]


def test_who_returns_gets_the_number_back_that_is_still_theirs() -> None:
    def gone(at_s: float) -> str:
        return "AB" if at_s < 2 else "  " if at_s < 5 else "B "

    both, reader = crossing(gone)
    found = steps(both, 210)
    assert reader.exchanges == [(0, 1)]
    assert [step.face_id for step in found[-1]] == [2]


def test_a_stranger_is_exchanged_with_nobody() -> None:
    both, reader = crossing(lambda at_s: "AB" if at_s < 2 else "  " if at_s < 5 else "C ")
    found = steps(both, 210)
    assert reader.exchanges == []
    assert [step.face_id for step in found[-1]] == [1]
    assert both.gauges[0].motion.person.person_id == 1


def test_faces_that_keep_their_numbers_are_not_exchanged() -> None:
    both, reader = crossing(lambda at_s: "AB" if at_s < 2 or at_s > 2.4 else "-B")
    steps(both, 150)
    assert reader.exchanges == []
    assert [one.motion.person.person_id for one in both.gauges] == [0, 0]
