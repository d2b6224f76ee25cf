import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation import person_change


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Return many people: twelve give no estimate of within-person distances."""
    return Dataset.of(
        simulate(32, 8, seed=0, difference=5.0, emotions=("happiness", "surprise")), LIVE
    )


@pytest.fixture(scope="module")
def folds(data: Dataset) -> Folds:
    return Folds.by_person([str(s) for s in data.subjects], 2, 0)


@pytest.fixture(scope="module")
def found(data: Dataset, folds: Folds) -> dict[str, object]:
    return person_change.person_change_metrics(data, folds, 0)


def test_most_person_changes_are_detected_with_few_false_alarms(
    found: dict[str, object], data: Dataset
) -> None:
    by, mistaken = found["noticed_by"], found["mistaken"]
    assert isinstance(by, dict)
    assert isinstance(mistaken, float)
    assert found["changes"] == person_change.TURNS * len(np.unique(data.subjects))
    assert list(by) == ["1", "2", "3"]
    assert by["1"] <= by["2"] <= by["3"]
    assert by["3"] > 0.6
    assert mistaken < by["1"] / 2


def test_without_folds_there_are_no_figures(data: Dataset) -> None:
    assert person_change.person_change_metrics(data, None, 0) == {}
    assert person_change.sentences({}) == []


def test_the_shares_become_sentences(found: dict[str, object]) -> None:
    noticed, mistaken = person_change.sentences(found)
    assert f"of {found['changes']} changes" in noticed
    assert f"{found['mistaken']:.3f} of the pauses" in mistaken
