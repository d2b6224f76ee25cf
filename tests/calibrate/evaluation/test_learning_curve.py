"""The learning curve, with scores made up so that more people tell more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation.cross_validation import CrossValidation, EvaluationConfig
from calibrate.evaluation.learning_curve import (
    CurvePlan,
    CurveWork,
    LearningCurve,
    curve_lines,
    measure_curve,
)
from calibrate.learning.fit import LearningConfig
from calibrate.metrics import auc

KNOWN, PEOPLE = 1, 12


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.of(simulate(PEOPLE, 8, seed=3, emotions=("happiness", "surprise")), LIVE)


@pytest.fixture
def plan(data: Dataset, hasty: LearningConfig) -> CurvePlan:
    folds = Folds.by_person([str(s) for s in data.subjects], 3, 0)
    return CurvePlan(data, folds, EvaluationConfig(hasty, "live", (KNOWN,), KNOWN))


def made_up(data: Dataset, clips: list[int], people: float) -> dict[int, list[float]]:
    """Return scores that tell the labels the better, the more `people` were learned from."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, len(data))
    return {i: [float(0.35 * np.log2(people) * (data.genuine[i] - 0.5) + noise[i])] for i in clips}


def done_with(plan: CurvePlan, people: float) -> CrossValidation:
    scores = made_up(plan.data, list(range(len(plan.data))), people)
    return CrossValidation(plan.folds, {KNOWN: scores})


def work(folder: Path, steps: list[int]) -> CurveWork:
    return CurveWork(folder, 1, lambda: steps.append(1))


def test_parts_are_halves_of_the_people_a_fold_learns_from_each_in_the_one_before(
    plan: CurvePlan,
) -> None:
    assert plan.halvings(9) == [1, 2]  # 8, 4 and 2 people
    for fold in range(plan.folds.count):
        training, held_out = plan.folds.split(fold)
        parts = [set(plan.training(fold, halving)) for halving in range(3)]
        assert parts[0] == set(training)
        assert parts[2] < parts[1] < parts[0]
        assert not parts[0] & set(held_out)
        subjects = [np.unique(plan.data.subjects[sorted(part)]) for part in parts]
        assert [len(some) for some in subjects] == [8, 4, 2]
        for part, some in zip(parts, subjects, strict=True):
            assert len(part) == 8 * len(some)  # each with all clips
    assert [plan.people(halving) for halving in range(3)] == [8, 4, 2]


def test_a_part_that_lacks_a_label_of_an_emotion_ends_the_halvings(
    data: Dataset, hasty: LearningConfig
) -> None:
    """Fake surprise is shown by a third of the people only."""
    few = data.subjects.astype(int) % 3 == 0
    keep = np.flatnonzero((data.emotions != "surprise") | data.genuine | few)
    some = data.subset(keep)
    folds = Folds.by_person([str(s) for s in some.subjects], 3, 0)
    plan = CurvePlan(some, folds, EvaluationConfig(hasty, "live", (KNOWN,), KNOWN))
    assert len(plan.halvings(9)) < 2


def test_the_gain_is_measured_on_the_same_held_out_clips(
    plan: CurvePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored: list[tuple[int, int]] = []

    def score(self: CurvePlan, fold: int, halving: int, networks: Path) -> dict[int, list[float]]:
        scored.append((fold, halving))
        held_out = self.folds.split(fold)[1].tolist()
        return made_up(self.data, held_out, self.people(halving))

    monkeypatch.setattr(CurvePlan, "score", score)
    steps: list[int] = []
    done = done_with(plan, 8)
    curve = measure_curve(plan, done, [1, 2], work(tmp_path, steps))
    assert curve is not None
    assert sorted(scored) == [(fold, halving) for fold in range(3) for halving in (1, 2)]
    assert [people for people, *_ in curve.points] == [2, 4, 8]
    areas = [auc(done_with(plan, people).scored(plan.data, KNOWN)) for people in (2, 4, 8)]
    assert [area for _, area, _, _ in curve.points] == areas
    assert areas[0] is not None
    assert areas[2] is not None
    assert curve.gain == pytest.approx((areas[2] - areas[0]) / 2)  # two doublings, least squares
    assert curve.gain_low is not None
    assert curve.gain_high is not None
    assert curve.gain_low < curve.gain < curve.gain_high
    scored.clear()
    assert measure_curve(plan, done, [1, 2], work(tmp_path, steps)) == curve
    assert (scored, len(steps)) == ([], 12)  # found again in the folder


def test_without_halvings_there_is_no_curve(plan: CurvePlan, tmp_path: Path) -> None:
    assert measure_curve(plan, done_with(plan, 8), [], work(tmp_path, [])) is None


def told(gain: float, low: float | None, high: float | None) -> list[str]:
    points = ((10.0, 0.60, 0.5, 0.7), (20.0, 0.62, 0.5, 0.7))
    return curve_lines(LearningCurve(points, gain, low, high).as_dict())


def test_people_needed_follow_from_the_gain() -> None:
    """Each doubling adds 0.02: 0.64 takes twice as many, 0.67 takes 2^2.5 times as many."""
    lines = told(0.02, 0.01, 0.03)
    assert lines[0] == "learning curve: AUC 0.600 with 10 people, 0.620 with 20 people"
    assert lines[1] == "each doubling of people adds 0.020 (95 %: 0.010 to 0.030)"
    assert "AUC 0.640 takes 40 people, 0.670 takes 113 people" in lines[2]
    assert "more than 1,000,000 people" in told(0.001, 0.0005, 0.002)[2]


@pytest.mark.parametrize(("low", "high"), [(-0.01, 0.05), (0.0, 0.04), (None, None)])
def test_a_gain_that_may_be_chance_promises_nothing(low: float | None, high: float | None) -> None:
    lines = told(0.02, low, high)
    assert lines[-1] == "that is no more than chance may give: more such people may not help"
