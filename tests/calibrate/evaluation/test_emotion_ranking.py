from dataclasses import replace

import numpy as np
import pytest

from calibrate.data.dataset import Dataset
from calibrate.evaluation import emotion_ranking
from calibrate.learning.emotion_errors import score_emotion_errors
from calibrate.learning.fit import FittedModel


def test_every_emotion_of_strangers_has_a_misfit_and_most_are_named(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    fits = score_emotion_errors(model.learned, data, outside.tolist(), 3)
    assert sorted(fits) == outside.tolist()
    assert all(set(misfits) == {"happiness", "surprise"} for misfits in fits.values())
    found = emotion_ranking.emotion_ranking_metrics(data, fits)
    assert found["clips"] == len(outside)
    assert float(str(found["first"])) > 0.6
    assert set(part(found, "by_emotion")) == {"happiness", "surprise"}


def test_an_emotion_that_fits_worst_is_named_by_nobody(data: Dataset) -> None:
    own = {clip: str(data.emotions[clip]) for clip in range(8)}
    worst = {
        clip: {"happiness": 2.0, "surprise": 2.0, "fear": 0.5, "anger": 0.6, name: 1.0}
        for clip, name in own.items()
    }
    assert [
        emotion_ranking.emotion_ranking_metrics(data, worst)[share] for share in ("first", "two")
    ] == [0.0, 0.0]
    second = {clip: misfits | {"anger": 1.5} for clip, misfits in worst.items()}
    assert [
        emotion_ranking.emotion_ranking_metrics(data, second)[share] for share in ("first", "two")
    ] == [0.0, 1.0]


def test_an_emotion_without_a_network_is_asked_of_nobody(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    """Its people may all be in the fold that is held out."""
    renamed = replace(data.tracks[outside[0]].clip, emotion="contempt")
    tracks = [
        replace(track, clip=renamed) if i == outside[0] else track
        for i, track in enumerate(data.tracks)
    ]
    fits = score_emotion_errors(
        model.learned, replace(data, tracks=tuple(tracks)), outside.tolist(), 3
    )
    assert sorted(fits) == outside.tolist()[1:]


def test_networks_of_emotions_that_no_clip_shows_are_compared_as_they_are_live(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    happy = np.flatnonzero(data.emotions == "happiness")
    tracks, shapes = tuple(data.tracks[i] for i in happy), tuple(data.shapes[i] for i in happy)
    fits = score_emotion_errors(
        model.learned, replace(data, tracks=tracks, shapes=shapes), [len(happy) - 1], 3
    )
    assert set(fits[len(happy) - 1]) == {"happiness", "surprise"}


@pytest.mark.parametrize(
    ("own", "place"), [(0.1, 0), (0.2, 1), (0.3, 1), (0.9, 2), (float("nan"), 2)]
)
def test_the_rank_counts_those_that_fit_as_well(own: float, place: int) -> None:
    assert emotion_ranking.rank("fear", {"fear": own, "anger": 0.2, "disgust": 0.4}) == place


def test_nothing_is_said_where_nothing_was_asked(data: Dataset) -> None:
    assert emotion_ranking.sentences(emotion_ranking.emotion_ranking_metrics(data, {})) == []
    said = emotion_ranking.sentences(
        emotion_ranking.emotion_ranking_metrics(
            data, {0: {str(data.emotions[0]): 0.1, "fear": 0.2}}
        )
    )
    assert said == [
        "auto: of 1 clips the emotion is first in 1.000, among the first two in 1.000;"
        " by chance in 0.500 and 1.000"
    ]


def part(found: dict[str, object], key: str) -> dict[str, object]:
    inside = found[key]
    assert isinstance(inside, dict)
    return inside
