from pathlib import Path

import numpy as np
import pytest

from calibrate.data.clips import Clip, DataError
from calibrate.paper.evaluate import grown, judge, scored
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
    """Genuine PBs lie higher in one number."""
    rng = np.random.default_rng(0)
    return {c: rng.normal(c.label == GENUINE, 0.3, (PASSES, 64)).astype("f4") for c in clips()}


@pytest.fixture(scope="module")
def booster(pbs: dict[Clip, np.ndarray]) -> PbClassifier:
    return grown("fear", pbs, SPLIT, 0)


def test_only_those_held_out_are_judged_each_by_the_mean_of_its_passes(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    judged = judge(pbs, {"fear": booster}, SPLIT)
    assert [(one.clip.name, one.part, one.passes) for one in judged] == [
        ("5_fake", "validation", PASSES),
        ("5_genuine", "validation", PASSES),
        ("6_fake", "test", PASSES),
        ("6_genuine", "test", PASSES),
    ]
    for one in judged:
        each = [booster.p_genuine(pbs[one.clip][i : i + 1])[0] for i in range(PASSES)]
        assert one.p_genuine == pytest.approx(np.mean(each), abs=1e-6)
        assert np.ptp(each) > 0


def test_a_booster_never_sees_those_held_out(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    others = {c: (-each if c.subject in ("5", "6") else each) for c, each in pbs.items()}
    assert grown("fear", others, SPLIT, 0).trees == booster.trees
    fewer = {c: (-each if c.subject == "1" else each) for c, each in pbs.items()}
    assert grown("fear", fewer, SPLIT, 0).trees != booster.trees


def test_parts_are_scored_apart_and_genuine_is_the_higher(
    pbs: dict[Clip, np.ndarray], booster: PbClassifier
) -> None:
    judged = judge(pbs, {"fear": booster}, SPLIT)
    for part, person in (("validation", "5"), ("test", "6")):
        found = scored(judged, part)
        assert found.subject.tolist() == [person, person]
        assert found.genuine.tolist() == [False, True]
        assert found.p_genuine[1] > found.p_genuine[0]


def test_a_part_without_clips_is_told() -> None:
    with pytest.raises(DataError, match="no clip is left of the people who test"):
        scored([], "test")
