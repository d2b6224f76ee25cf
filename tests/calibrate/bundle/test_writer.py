"""The live gauge loads what the writer writes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.reader import load_model
from calibrate.bundle.writer import write_bundle, write_networks
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.replay_track import replay_ticks
from calibrate.learning.boosting import FittedBooster
from calibrate.learning.fit import FittedModel, LearningConfig, clip_scorer, fit_model
from engines.bundle.bundle import ARRAYS, MANIFEST, Bundle
from engines.errors import BundleRefused
from realtime.core.messages import State
from realtime.runtime import scores_from_bundle as scores
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.booster import LinearScore
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.gate import Gate

OPEN = Gate(0.0, 0.0, 255.0, 1.0, 0.0, 0.0)
ABOUT = {"name": "made up", "data": {"name": "simulated", "terms": "none"}}


def written(out: Path, model: FittedModel) -> Path:
    calibrations = {emotion: PlattScaling(1.5, 0.1, 0.05) for emotion in model.boosted}
    write_bundle(out, model, LIVE, OPEN, calibrations, ABOUT)
    return out


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def model(model: FittedModel) -> FittedModel:
    """Return the fitted model with trees, which no synthetic emotion gains from."""
    trees = (Path(__file__).parents[2] / "support" / "booster.ubj").read_bytes()
    return FittedModel(
        model.learned,
        {emotion: replace(boosted, trees=trees) for emotion, boosted in model.boosted.items()},
    )


@pytest.fixture(scope="module")
def bundle(model: FittedModel, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.load(written(tmp_path_factory.mktemp("bundle") / "made", model))


def test_a_bundle_holds_the_fitted_model(
    bundle: Bundle, model: FittedModel, plan: LearningConfig
) -> None:
    learned = model.learned.without_held_out_networks()
    assert (
        set(bundle.networks)
        == set(learned.networks)
        == set(model.learned.networks) - set(model.learned.held_out_networks)
    )
    assert set(bundle.emotions) == {"any", "happiness", "surprise"}
    for name, network in learned.networks.items():
        loaded = bundle.network(name)
        assert (loaded.shape, loaded.rule) == (network.shape, network.rule)
        assert set(loaded.weights) == set(network.weights)
        assert all(
            np.array_equal(loaded.weights[key], network.weights[key]) for key in network.weights
        )
    assert bundle.manifest.text("name") == "made up"


def test_the_gauge_loads_the_stages_used_in_training(
    bundle: Bundle, model: FittedModel, plan: LearningConfig
) -> None:
    learned = model.learned
    assert stages.window_timing(bundle) == LIVE
    assert stages.create_gate(bundle) == OPEN
    assert stages.recognition_config(bundle) == plan.recognition(LIVE.frames)
    np.testing.assert_array_equal(
        stages.movement_basis(bundle).directions, learned.basis.directions
    )
    assert stages.movement_basis(bundle).spread == learned.basis.spread
    population = stages.population(bundle)
    for name in (
        "neutral",
        "movement_range",
        "quiet_directions",
        "movement_directions",
        "neutral_regression",
        "neutral_prior",
        "range_prior",
    ):
        np.testing.assert_array_equal(getattr(population, name), getattr(learned.population, name))


@pytest.mark.parametrize("emotion", ["happiness", "surprise"])
def test_the_gauge_scores_a_clip_as_in_training(
    emotion: str, bundle: Bundle, model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    clip = int(outside[data.emotions[outside] == emotion][0])
    judge = stages.create_judge(bundle, stages.choose_emotion(bundle, emotion), "native")
    between_s = model.learned.windows(data).times_s(clip)
    shown = replay_ticks(
        data.tracks[clip],
        stages.window_timing(bundle),
        stages.population(bundle),
        stages.movement_basis(bundle),
        None,
        between_s,
    )
    readings = [judge.read(tick) for tick in shown]
    scores = [reading.score for reading in readings if reading.score is not None]
    assert scores == pytest.approx(
        clip_scorer(model, model.learned.windows(data)).scores(clip, emotion, 0), rel=5e-6, abs=1e-5
    )
    for reading in readings:
        if reading.score is not None and reading.state is not State.UNCERTAIN:
            assert reading.p_genuine == pytest.approx(
                1 / (1 + np.exp(-(1.5 * reading.score + 0.1)))
            )


def test_the_same_seed_writes_the_same_bytes(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig, tmp_path: Path
) -> None:
    few = inside[:24]
    for name, seed in (("one", 0), ("two", 0), ("other", 1)):
        written(tmp_path / name, fit_model(data, few, replace(hasty, seed=seed), lambda done: None))
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert bytes_of(tmp_path / "one") != bytes_of(tmp_path / "other")


def test_a_bundle_holds_only_the_listed_files_and_no_path(bundle: Bundle) -> None:
    files = {path.name for path in bundle.path.iterdir()}
    assert files == {
        MANIFEST,
        ARRAYS,
        "booster-any.ubj",
        "booster-happiness.ubj",
        "booster-surprise.ubj",
    }
    manifest = json.loads((bundle.path / MANIFEST).read_text())
    assert set(manifest["files"]) == files - {MANIFEST}
    assert str(bundle.path.parent) not in (bundle.path / MANIFEST).read_text()


def test_an_older_bundle_is_replaced(model: FittedModel, tmp_path: Path) -> None:
    half = FittedModel(model.learned, {"any": model.boosted["any"]})
    written(tmp_path, half)
    assert Bundle.load(tmp_path).emotions == ("any",)
    assert set(Bundle.load(written(tmp_path, model)).emotions) == {"any", "happiness", "surprise"}


def test_an_emotion_without_trees_names_no_file_and_uses_the_linear_score(
    model: FittedModel, tmp_path: Path
) -> None:
    bare = replace(model.boosted["happiness"], trees=b"")
    written(tmp_path, model)
    bundle = Bundle.load(
        written(tmp_path, FittedModel(model.learned, model.boosted | {"happiness": bare}))
    )
    assert {path.name for path in tmp_path.glob("*.ubj")} == {
        "booster-any.ubj",
        "booster-surprise.ubj",
    }
    part = bundle.manifest.section("emotions").section("happiness")
    inputs = np.array([0.7, -0.2, np.nan, np.nan], np.float32)
    assert scores.score_model(bundle, part).score(inputs) == pytest.approx(
        float(bare.start.score(inputs[None])[0])
    )
    assert scores.has_trees(bundle)
    assert load_model(tmp_path)[0].boosted["happiness"].trees == b""


def test_a_linear_score_of_another_width_than_the_features_is_refused(
    model: FittedModel, tmp_path: Path
) -> None:
    wide = FittedBooster(LinearScore(np.zeros(3, np.float32), 0.0), b"")
    bundle = Bundle.load(written(tmp_path, FittedModel(model.learned, {"any": wide})))
    with pytest.raises(BundleRefused, match=r"any\.start\.weights has shape \(3,\); want \(4,\)"):
        stages.create_judge(bundle, stages.choose_emotion(bundle, "any"), "native")


def test_networks_alone_make_a_bundle_without_verdicts(model: FittedModel, tmp_path: Path) -> None:
    write_networks(tmp_path, model.learned, LIVE, OPEN)
    alone = Bundle.load(tmp_path)
    assert set(alone.networks) == set(model.learned.networks)
    assert alone.manifest.texts("read_outs") == ("any", "happiness", "surprise")
    with pytest.raises(BundleRefused, match="emotions"):
        stages.create_judge(alone, stages.choose_emotion(alone, "any"), "native")
