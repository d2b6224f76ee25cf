from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from changed_bundles import changed, setting

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.errors import BundleRefused
from realtime.runtime import scores_from_bundle as scores
from realtime.verdict.features import INPUTS

FEAR_START = ("emotions", "fear", "start")
TREES = Path(__file__).parents[2] / "support" / "booster.ubj"


def test_the_packaged_score_is_linear(bundle: Bundle) -> None:
    part = bundle.manifest.section("emotions").section("fear")
    assert not scores.has_trees(bundle)
    model = scores.score_model(bundle, part)
    weights, bias = part.section("start").array("weights"), -2.1586958977196944
    seen = np.array([1, 2, -1, 3], np.float32)
    assert model.score(seen) == pytest.approx(float(weights @ seen) + bias, abs=1e-5)
    usual = part.section("start").array("usual")
    unseen, typical = seen.copy(), seen.copy()
    unseen[2:], typical[2:] = np.nan, usual[2:]
    assert model.score(unseen) == model.score(typical)


def test_a_bundle_without_the_onset_scores_by_the_movement(bundle: Bundle) -> None:
    old = changed(bundle, setting({"weights": [2.0, -1.0], "bias": 0.5}, *FEAR_START))
    model = scores.score_model(old, old.manifest.section("emotions").section("fear"))
    inputs = np.array([1, 2, np.nan, np.nan], np.float32)
    assert model.score(inputs) == pytest.approx(0.5)
    assert [each.name for each in model.contributions(inputs)] == ["usual", *INPUTS[:2]]


@pytest.mark.parametrize("weights", [[1.0], [1.0] * 3, [1.0] * 5])
def test_weights_of_other_inputs_are_refused(bundle: Bundle, weights: list[float]) -> None:
    odd = changed(bundle, setting({"weights": weights, "bias": 0.5}, *FEAR_START))
    with pytest.raises(BundleRefused, match=r"want \(4,\), or \(2,\) without the onset"):
        scores.score_model(odd, odd.manifest.section("emotions").section("fear"))


def test_trees_of_a_foreign_bundle_go_through_the_sandbox_and_packaged_ones_do_not(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(scores, "check_model_in_sandbox", lambda raw, name: checked.append(name))
    monkeypatch.setattr(Bundle, "file", lambda self, name: TREES.read_bytes())
    change = setting("booster-fear.ubj", "emotions", "fear", "booster")
    for path, names in ((DEFAULT_BUNDLE, []), (tmp_path, ["booster-fear.ubj"])):
        grown = changed(bundle, change, path)
        assert scores.has_trees(grown)
        scores.score_model(grown, grown.manifest.section("emotions").section("fear"))
        assert checked == names


def test_a_linear_score_of_another_width_is_refused(bundle: Bundle) -> None:
    wide = changed(bundle, setting([1.0, 2.0, 3.0], "emotions", "fear", "start", "weights"))
    with pytest.raises(BundleRefused, match=r"fear\.start\.weights has shape \(3,\); want"):
        scores.linear_score(wide.manifest.section("emotions").section("fear"))
