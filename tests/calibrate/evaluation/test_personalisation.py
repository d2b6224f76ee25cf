import numpy as np
import pytest

from calibrate.data.dataset import APEX, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation import personalisation
from calibrate.evaluation.cross_validation import CrossValidation
from calibrate.evaluation.online_profile import ANOTHERS, OWN, RUNNING, WITHOUT_RANGE, Row


@pytest.fixture(scope="module")
def done(data: Dataset) -> CrossValidation:
    """Return results of a gauge that is at chance for strangers, perfect after ten expressions,
    and rejects every saved person but the right one."""
    rng = np.random.default_rng(0)

    def rows(is_own: bool) -> list[Row]:
        found = []
        for i in range(len(data)):
            for known_expressions in (0, 4, 12):
                score = (2 * data.genuine[i] - 1) * known_expressions / 6 + rng.normal()
                found.append((i, known_expressions, is_own, [score - 0.1, score + 0.1]))
        return found

    streams = {
        RUNNING: rows(False),
        WITHOUT_RANGE: rows(False),
        OWN: rows(True),
        ANOTHERS: rows(False),
    }
    scores = {10: {i: [float(2 * data.genuine[i] - 1)] for i in range(len(data))}}
    genuine, fake = (
        np.flatnonzero(data.genuine)[:8].tolist(),
        np.flatnonzero(~data.genuine)[:8].tolist(),
    )
    pairs = tuple(
        (a, b, 1.0 if n < 6 else -1.0, 0.0)
        for n, (a, b) in enumerate(zip(genuine, fake, strict=True))
    )
    return CrossValidation(
        Folds.by_person([str(s) for s in data.subjects], 3, 0), scores, APEX, {}, streams, pairs
    )


@pytest.fixture(scope="module")
def found(data: Dataset, done: CrossValidation) -> dict[str, object]:
    return personalisation.personalisation_metrics(data, done)


def part(found: dict[str, object], *keys: str) -> dict[str, float]:
    at: object = found
    for key in keys:
        assert isinstance(at, dict)
        at = at[key]
    assert isinstance(at, dict)
    return at


def test_auc_is_reported_by_known_expressions(found: dict[str, object]) -> None:
    by_expressions = part(found, "by_seen", RUNNING)
    assert list(by_expressions) == ["0", "3", "10"]
    assert part(found, "by_seen", RUNNING, "0")["auc"] < 0.65
    assert part(found, "by_seen", RUNNING, "10")["auc"] > 0.95


def test_calibration_is_steeper_with_more_known_expressions(found: dict[str, object]) -> None:
    steps = personalisation.steps_of({"knowing": found})
    assert [expressions for expressions, _, _ in steps] == [0, 3, 10]
    assert steps[0][1] < steps[2][1]
    assert personalisation.steps_of({}) == []


def test_rejected_saved_people_are_counted(found: dict[str, object], data: Dataset) -> None:
    people = len(np.unique(data.subjects))
    for way, share in ((OWN, 0.0), (ANOTHERS, 1.0)):
        assert part(found, "saved", way)["noticed"] == share
        assert part(found, "saved", way)["people"] == people


def test_pairs_have_accuracy_interval_and_certainty(found: dict[str, object]) -> None:
    pairs = part(found, "pairs")
    assert pairs["right"] == 0.75
    assert pairs["low"] <= 0.75 <= pairs["high"]
    assert 0.5 < pairs["certainty"] < 1


def test_the_plot_has_a_point_for_every_step(data: Dataset, done: CrossValidation) -> None:
    points = personalisation.points(data, done, RUNNING)
    assert [x for x, *_ in points] == [0, 3, 10]
    assert all(low <= middle <= high for _, middle, low, high in points)


def test_the_table_has_every_figure_and_is_empty_for_an_old_report(
    found: dict[str, object],
) -> None:
    names = [name for name, _ in personalisation.lines(found)]
    assert f"{RUNNING}, 10 expressions seen" in names
    assert f"apex windows, {OWN}" in names
    text = "\n".join(personalisation.sentences(found))
    assert "another's profile: found not to be theirs for 100%" in text
    assert "pairs by compare: 0.750" in text
    assert personalisation.lines(None) == personalisation.sentences(None) == []
