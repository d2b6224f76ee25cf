from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.learning.emotions import classifier
from calibrate.learning.emotions.classifier import L2_PENALTY, softmax_regression
from calibrate.learning.fit import FittedModel, fit_classifier
from calibrate.learning.out_of_fold import other_clips
from realtime.core.labels import FAKE, GENUINE
from realtime.core.messages import Floats


def right(model: FittedModel, data: Dataset, clips: np.ndarray) -> float:
    """Return the share of ticks of `clips` whose emotion is the likeliest one."""
    assert model.classifier is not None
    windows = model.learned.windows(data)
    recogniser = model.learned.recogniser(windows, model.learned.ensemble[:1])
    found = []
    for clip in clips.tolist():
        stats = data.stats_from_clips(other_clips(data, clip, 3, 0))
        for tick, _ in recogniser.ticks(clip, stats):
            likely = model.classifier.probabilities(tick.window.motion)
            found.append(max(likely, key=lambda name: likely[name]) == data.emotions[clip])
    return float(np.mean(found))


def relabelled(data: Dataset, emotions: dict[str, str], labels: dict[str, str]) -> Dataset:
    """Return the same clips under other emotions and labels."""
    clips = [track.clip for track in data.tracks]
    changed = [
        replace(c, emotion=emotions.get(c.emotion, c.emotion), label=labels.get(c.label, c.label))
        for c in clips
    ]
    pairs = zip(data.tracks, changed, strict=True)
    return replace(data, tracks=tuple(replace(track, clip=clip) for track, clip in pairs))


def test_the_emotions_of_people_held_out_are_told_apart(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    assert right(model, data, outside) > 0.9


def test_it_goes_by_the_emotions_that_it_was_taught(
    model: FittedModel, data: Dataset, inside: np.ndarray, outside: np.ndarray
) -> None:
    """With the emotions exchanged in learning alone, it is as often wrong."""
    swapped = {"happiness": "surprise", "surprise": "happiness"}
    misled = fit_classifier(model.learned, relabelled(data, swapped, {}), inside)
    assert right(replace(model, classifier=misled), data, outside) < 0.1


def test_whether_clips_are_genuine_changes_nothing(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    turned = relabelled(data, {}, {GENUINE: FAKE, FAKE: GENUINE})
    found = fit_classifier(model.learned, turned, inside)
    assert found is not None
    assert model.classifier is not None
    np.testing.assert_array_equal(found.weights, model.classifier.weights)


def test_clips_of_one_emotion_give_none(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    happy = inside[data.emotions[inside] == "happiness"]
    assert fit_classifier(model.learned, data, happy) is None


@pytest.mark.parametrize("cut", ["happiness", "surprise"])
def test_an_emotion_whose_clips_hold_no_whole_window_is_not_learned(
    cut: str, model: FittedModel, data: Dataset, inside: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as clips that are all cut at their apex: of two emotions one is left, which is none."""
    read = classifier._mean_movement

    def but_not_those(windows: ApexWindows, clip: int, *rest: Any) -> Floats | None:
        return None if data.emotions[clip] == cut else read(windows, clip, *rest)

    monkeypatch.setattr(classifier, "_mean_movement", but_not_those)
    assert fit_classifier(model.learned, data, inside) is None


@pytest.mark.parametrize("emotions", [3, 4, 6])
def test_the_regression_equals_scikit_learn(emotions: int) -> None:
    rng = np.random.default_rng(emotions)
    inputs = rng.normal(0.3, 2.0, (400, 80)) * rng.uniform(0.1, 3, 80)
    labels = np.argmax(inputs[:, :emotions] + rng.normal(0, 2, (400, emotions)), axis=1)
    weights, biases = softmax_regression(inputs, labels)
    other = LogisticRegression(C=1 / (2 * L2_PENALTY * len(inputs)), max_iter=2000, tol=1e-8)
    rows = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    theirs = other.fit(rows, labels).decision_function(rows)
    mine = inputs @ weights.T + biases
    np.testing.assert_allclose(
        mine - mine.mean(axis=1, keepdims=True),
        theirs - theirs.mean(axis=1, keepdims=True),
        atol=5e-3,
    )


def test_an_input_that_never_changes_has_no_weight() -> None:
    inputs = np.random.default_rng(0).normal(size=(60, 80))
    inputs[:, 7] = 0.3
    weights, biases = softmax_regression(inputs, np.arange(60) % 3)
    assert np.isfinite(weights).all()
    assert np.isfinite(biases).all()
    np.testing.assert_array_equal(weights[:, 7], 0)
