from pathlib import Path

import numpy as np
import pytest

from calibrate.data.clips import Clip, DataError
from calibrate.paper.evaluate import fit_emotion_classifier, score_held_out, scored_part
from calibrate.paper.split import Split
from calibrate.paper.trees import PbClassifier
from realtime.core.labels import FAKE, GENUINE

SPLIT = Split(("1", "2", "3", "4"), ("5",), ("6",))
PASSES = 30


def clips() -> list[Clip]:
    return [
        Clip(f"{person}_{label}", Path(), str(person), "fear", label)
        for person in range(1, 7)
        for label in (GENUINE, FAKE)
    ]


@pytest.fixture(scope="module")
def pbs() -> dict[Clip, np.ndarray]:
    """Return PBs with higher values for genuine clips."""
    rng = np.random.default_rng(0)
    return {c: rng.normal(c.label == GENUINE, 0.3, (PASSES, 64)).astype("f4") for c in clips()}


@pytest.fixture(scope="module")
def booster(pbs: dict[Clip, np.ndarray]) -> PbClassifier:
    return fit_emotion_classifier("fear", pbs, SPLIT, 0)


def test_held_out_clips_score_the_mean_of_their_passes(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    clips_scored = score_held_out(pbs, {"fear": booster}, SPLIT)
    assert [(one.clip.name, one.part, one.passes) for one in clips_scored] == [
        ("5_fake", "validation", PASSES),
        ("5_genuine", "validation", PASSES),
        ("6_fake", "test", PASSES),
        ("6_genuine", "test", PASSES),
    ]
    for one in clips_scored:
        each = [booster.p_genuine(pbs[one.clip][i : i + 1])[0] for i in range(PASSES)]
        assert one.p_genuine == pytest.approx(np.mean(each), abs=1e-6)
        assert np.ptp(each) > 0


def test_the_classifier_never_sees_held_out_people(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    others = {c: (-each if c.subject in ("5", "6") else each) for c, each in pbs.items()}
    assert fit_emotion_classifier("fear", others, SPLIT, 0).trees == booster.trees
    fewer = {c: (-each if c.subject == "1" else each) for c, each in pbs.items()}
    assert fit_emotion_classifier("fear", fewer, SPLIT, 0).trees != booster.trees


def test_each_part_is_scored_alone_and_genuine_is_higher(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    clips_scored = score_held_out(pbs, {"fear": booster}, SPLIT)
    for part, person in (("validation", "5"), ("test", "6")):
        found = scored_part(clips_scored, part)
        assert found.subject.tolist() == [person, person]
        assert found.genuine.tolist() == [False, True]
        assert found.p_genuine[1] > found.p_genuine[0]


def test_a_part_without_clips_raises_an_error() -> None:
    with pytest.raises(DataError, match="no clip of the test people is usable"):
        scored_part([], "test")
