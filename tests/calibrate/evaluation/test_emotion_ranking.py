from dataclasses import replace

import numpy as np
import pytest

from calibrate.data.dataset import Dataset
from calibrate.evaluation import emotion_ranking
from calibrate.learning.emotions.errors import score_emotion_mismatches
from calibrate.learning.fit import FittedModel
from realtime.verdict.emotion_classifier import EmotionClassifier


def test_held_out_clips_have_a_mismatch_per_emotion_and_most_rank_first(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    mismatches_by_clip = score_emotion_mismatches(model, data, outside.tolist(), 3)
    assert sorted(mismatches_by_clip) == outside.tolist()
    assert all(
        set(mismatches) == {"happiness", "surprise"} for mismatches in mismatches_by_clip.values()
    )
    found = emotion_ranking.emotion_ranking_metrics(data, mismatches_by_clip)
    assert found["clips"] == len(outside)
    assert float(str(found["first"])) > 0.9
    assert set(part(found, "by_emotion")) == {"happiness", "surprise"}


def test_the_classifier_ranks_better_than_the_prediction_errors_alone(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    def first(one: FittedModel) -> float:
        mismatches = score_emotion_mismatches(one, data, outside.tolist(), 3)
        return float(str(emotion_ranking.emotion_ranking_metrics(data, mismatches)["first"]))

    assert first(model) > first(replace(model, classifier=None))


def test_clips_of_an_emotion_that_the_classifier_does_not_know_are_not_ranked(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    weights, biases = np.zeros((2, 80), np.float32), np.zeros(2, np.float32)
    narrow = EmotionClassifier(("happiness", "fear"), weights, biases)
    found = score_emotion_mismatches(replace(model, classifier=narrow), data, outside.tolist(), 3)
    assert {str(data.emotions[clip]) for clip in found} == {"happiness"}
    assert emotion_ranking.emotion_ranking_metrics(data, found)["clips"] == len(found)
    other = EmotionClassifier(("disgust", "fear"), weights, biases)
    assert score_emotion_mismatches(replace(model, classifier=other), data, [0], 3) == {}


def test_an_emotion_with_the_largest_mismatch_never_ranks_first(data: Dataset) -> None:
    own = {clip: str(data.emotions[clip]) for clip in range(8)}
    worst = {
        clip: {"happiness": 2.0, "surprise": 2.0, "fear": 0.5, "anger": 0.6, name: 1.0}
        for clip, name in own.items()
    }
    assert [
        emotion_ranking.emotion_ranking_metrics(data, worst)[share] for share in ("first", "two")
    ] == [0.0, 0.0]
    second = {clip: errors | {"anger": 1.5} for clip, errors in worst.items()}
    assert [
        emotion_ranking.emotion_ranking_metrics(data, second)[share] for share in ("first", "two")
    ] == [0.0, 1.0]


def test_a_clip_of_an_emotion_without_a_network_is_not_ranked(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    """All its people may be in the held-out fold."""
    renamed = replace(data.tracks[outside[0]].clip, emotion="contempt")
    tracks = [
        replace(track, clip=renamed) if i == outside[0] else track
        for i, track in enumerate(data.tracks)
    ]
    mismatches_by_clip = score_emotion_mismatches(
        model, replace(data, tracks=tuple(tracks)), outside.tolist(), 3
    )
    assert sorted(mismatches_by_clip) == outside.tolist()[1:]


def test_networks_of_emotions_without_clips_are_ranked_as_live(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    happy = np.flatnonzero(data.emotions == "happiness")
    tracks, shapes = tuple(data.tracks[i] for i in happy), tuple(data.shapes[i] for i in happy)
    mismatches_by_clip = score_emotion_mismatches(
        model, replace(data, tracks=tracks, shapes=shapes), [len(happy) - 1], 3
    )
    assert set(mismatches_by_clip[len(happy) - 1]) == {"happiness", "surprise"}


@pytest.mark.parametrize(
    ("own", "place"), [(0.1, 0), (0.2, 1), (0.3, 1), (0.9, 2), (float("nan"), 2)]
)
def test_the_rank_counts_mismatches_at_most_as_large(own: float, place: int) -> None:
    assert emotion_ranking.rank("fear", {"fear": own, "anger": 0.2, "disgust": 0.4}) == place


def test_no_clips_give_no_sentences(data: Dataset) -> None:
    assert emotion_ranking.sentences(emotion_ranking.emotion_ranking_metrics(data, {})) == []
    sentences = emotion_ranking.sentences(
        emotion_ranking.emotion_ranking_metrics(
            data, {0: {str(data.emotions[0]): 0.1, "fear": 0.2}}
        )
    )
    assert sentences == [
        "auto: of 1 clips the emotion is first in 1.000, among the first two in 1.000;"
        " by chance in 0.500 and 1.000"
    ]


def part(found: dict[str, object], key: str) -> dict[str, object]:
    inside = found[key]
    assert isinstance(inside, dict)
    return inside
