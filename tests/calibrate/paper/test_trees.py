from dataclasses import replace

import numpy as np
import pytest

from calibrate.data.clips import DataError
from calibrate.learning.boosting import BoostingConfig
from calibrate.metrics import Scored, auc
from calibrate.paper.trees import LabelledPbs, PbClassifier, boosting_config, fit_pb_classifier

FEW = BoostingConfig(rate=0.5, rounds=300)  # the paper's, but for how many there may be


def made(people: int, seed: int, apart: float = 1.0, each: int = 20) -> LabelledPbs:
    """Return PBs of `people`, genuine and fake in turn, `apart` SDs apart in one number."""
    rng = np.random.default_rng(seed)
    genuine = np.arange(people * each) % 2 == 0
    pbs = rng.normal(0, 1, (len(genuine), 64)).astype("f4")
    pbs[:, 7] += np.where(genuine, apart / 2, -apart / 2)
    return LabelledPbs(pbs, genuine, np.repeat(np.arange(people), each).astype(str))


def auc_of(classifier: PbClassifier, others: LabelledPbs) -> float:
    found = auc(
        Scored(classifier.p_genuine(others.pbs), others.genuine, others.subject, others.subject)
    )
    assert found is not None
    return found


@pytest.fixture(scope="module")
def classifier() -> PbClassifier:
    return fit_pb_classifier("fear", made(20, 0), FEW, seed=0)


def test_the_trees_are_the_papers_with_a_rate_for_each_emotion() -> None:
    rates = {
        "anger": 0.55,
        "contempt": 0.1,
        "disgust": 0.5,
        "happiness": 0.1,
        "sadness": 0.4,
        "surprise": 0.01,
    }
    for emotion, rate in rates.items():
        trees = boosting_config(emotion)
        assert (trees.depth, trees.reg_lambda, trees.subsample, trees.rounds) == (
            2,
            1000,
            0.8,
            5000,
        )
        assert (trees.folds, trees.rate) == (5, rate)


def test_trees_classify_held_out_people(classifier: PbClassifier) -> None:
    assert auc_of(classifier, made(20, 1)) > 0.7
    assert classifier.auc > 0.7
    assert 1 <= classifier.rounds <= FEW.rounds


def test_trees_on_uninformative_pbs_stay_at_chance() -> None:
    """Eight sets of 400 PBs: the mean AUC of chance has a standard deviation of 0.01."""
    few = replace(FEW, rounds=20)
    found = [
        auc_of(fit_pb_classifier("fear", made(12, seed, 0.0), few, 0), made(20, 100 + seed, 0.0))
        for seed in range(8)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.04)


def test_boosting_stops_without_a_gain() -> None:
    """One number separates the labels: no round after the first gains anything."""
    clear = made(6, 0, apart=50.0)
    assert fit_pb_classifier("fear", clear, replace(FEW, rounds=5000), seed=0).rounds < 50


def test_the_same_seed_gives_the_same_bytes(classifier: PbClassifier) -> None:
    assert fit_pb_classifier("fear", made(20, 0), FEW, seed=0).trees == classifier.trees


def test_folds_are_by_person() -> None:
    """The PBs of each person identify the person and so the label, but only for that person."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(12), 20)
    genuine = np.repeat(rng.permutation(np.arange(12) % 2 == 0), 20)
    pbs = rng.normal(0, 1, (12, 64)).astype("f4")[subject] + rng.normal(0, 0.01, (240, 64)).astype(
        "f4"
    )
    genuine[::20] = ~genuine[::20]  # one of another label each, so that every fold has both
    known_by_face = fit_pb_classifier(
        "fear", LabelledPbs(pbs, genuine, subject.astype(str)), replace(FEW, rounds=50), seed=0
    )
    assert known_by_face.auc < 0.8  # were a person on both sides, it would be about 0.95


def test_a_fold_with_one_label_is_dropped() -> None:
    pbs = made(10, 0)
    some = replace(pbs, genuine=pbs.genuine | np.isin(pbs.subject, ["1", "2"]))
    assert np.isfinite(fit_pb_classifier("fear", some, FEW, seed=0).auc)


def test_training_people_without_both_labels_raise_an_error() -> None:
    pbs = made(2, 0)
    with pytest.raises(DataError, match="fear: no training person shows both"):
        fit_pb_classifier("fear", replace(pbs, genuine=pbs.subject == "1"), FEW, seed=0)
