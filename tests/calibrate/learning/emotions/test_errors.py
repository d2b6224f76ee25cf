from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.writer import write_networks
from calibrate.data.dataset import LIVE, Dataset
from calibrate.learning.emotions.errors import (
    LIMIT_PERCENTILE,
    prediction_error_limits,
    prediction_errors,
)
from calibrate.learning.fit import FittedModel
from engines.bundle.bundle import Bundle
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.gate import Gate


@pytest.fixture(scope="module")
def limits(model: FittedModel, data: Dataset, inside: np.ndarray) -> dict[str, float]:
    return prediction_error_limits(model.learned, model.learned.windows(data), inside)


def test_every_emotion_with_a_network_has_a_limit(limits: dict[str, float]) -> None:
    assert set(limits) == {"any", "happiness", "surprise"}
    assert all(0 < limit < 10 for limit in limits.values())


def test_one_in_twenty_ticks_of_an_emotion_exceeds_its_limit(
    model: FittedModel, data: Dataset, inside: np.ndarray, limits: dict[str, float]
) -> None:
    happy = inside[data.emotions[inside] == "happiness"]
    found = np.array(
        list(prediction_errors(model.learned, model.learned.windows(data), happy, ["happiness"]))
    )
    assert (found > limits["happiness"]).mean() == pytest.approx(
        1 - LIMIT_PERCENTILE / 100, abs=0.02
    )


def test_the_network_of_another_emotion_has_a_larger_prediction_error(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    for emotion, other in (("happiness", "surprise"), ("surprise", "happiness")):
        clips = inside[data.emotions[inside] == emotion]
        own, others = (
            np.median(
                list(prediction_errors(model.learned, model.learned.windows(data), clips, [name]))
            )
            for name in (emotion, other)
        )
        assert own < others


def test_an_emotion_without_clips_has_no_limit(
    model: FittedModel, data: Dataset, inside: np.ndarray
) -> None:
    happy = inside[data.emotions[inside] == "happiness"]
    assert set(prediction_error_limits(model.learned, model.learned.windows(data), happy[:4])) == {
        "any",
        "happiness",
    }


def test_the_bundle_carries_the_limits_to_the_gauge(
    model: FittedModel, limits: dict[str, float], tmp_path: Path
) -> None:
    write_networks(
        tmp_path,
        model.learned,
        LIVE,
        replace(Gate(0, 0, 255, 1, 0.2, 0.1), prediction_error_max=limits),
    )
    assert stages.create_gate(Bundle.load(tmp_path)).prediction_error_max == limits
