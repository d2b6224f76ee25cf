"""Stages as a bundle defines them, older bundles included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from changed_bundles import Change, changed, setting, without

from engines.bundle.bundle import Bundle
from engines.errors import BundleRefused
from realtime.core.errors import UsageError
from realtime.faces.mosse import GOOD_PSR
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling


class TestEmotions:
    def test_an_emotion_of_the_bundle_is_judged_itself(self, bundle: Bundle) -> None:
        choice = stages.choose_emotion(bundle, "fear")
        assert (choice.asked, choice.emotion, choice.notice) == ("fear", "fear", "")

    def test_an_emotion_without_data_is_judged_as_any_with_a_notice(self, bundle: Bundle) -> None:
        choice = stages.choose_emotion(bundle, "contempt")
        assert (choice.asked, choice.emotion) == ("contempt", "any")
        assert choice.notice == "no data for contempt yet: the network for any emotion is used"

    @pytest.mark.parametrize("asked", ["all", "auto"])
    def test_all_and_auto_are_headed_by_any(self, bundle: Bundle, asked: str) -> None:
        assert stages.choose_emotion(bundle, asked).emotion == "any"

    def test_a_bundle_with_fewer_than_two_emotion_networks_has_neither_all_nor_auto(
        self, bundle: Bundle
    ) -> None:
        def keep_fear(values: dict[str, Any]) -> None:
            names = ("any-0", "any-1", "any-2", "fear")
            values["networks"] = {name: values["networks"][name] for name in names}

        small = changed(bundle, keep_fear)
        assert stages.emotion_networks(small) == ("fear",)
        with pytest.raises(UsageError, match="--emotion auto compares networks"):
            stages.choose_emotion(small, "auto")
        assert not {"all", "auto"} & set(stages.selectable_emotions(small))

    def test_every_emotion_can_be_selected_in_the_order_of_the_key(self, bundle: Bundle) -> None:
        emotions = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
        assert stages.selectable_emotions(bundle) == ("any", *emotions, "all", "auto")
        assert set(stages.emotion_networks(bundle)) == set(emotions)


class TestOlderBundles:
    def test_identity_models_of_an_older_bundle_are_ignored(self, bundle: Bundle) -> None:
        """People are re-identified by face descriptors, whatever the bundle holds."""
        old = changed(bundle, setting(-1.0, "population", "limit"))
        stages.population(old)
        assert stages.create_motion_stage(old).person.can_reidentify

    def test_without_limits_the_gate_refuses_no_emotion_and_uses_the_trackers_psr(
        self, bundle: Bundle
    ) -> None:
        gate = stages.create_gate(bundle)
        assert gate.prediction_error_max["fear"] == 0.983
        assert (gate.onset_threshold, gate.offset_threshold) == (0.7417, 0.6156)
        old = changed(changed(bundle, without("gate", "misfit_max")), without("gate", "psr_min"))
        assert stages.create_gate(old).prediction_error_max == {}
        assert stages.create_gate(old).psr_min == GOOD_PSR

    def test_without_prototypes_no_emotion_has_them(self, bundle: Bundle) -> None:
        assert stages.emotion_prototypes(bundle, "any") is not None
        old = changed(bundle, without("prototypes"))
        assert stages.networks_with_prototypes(old) == ()
        assert stages.emotion_prototypes(old, "any") is None

    def test_without_steps_one_calibration_holds_for_every_number_of_expressions(
        self, bundle: Bundle
    ) -> None:
        emotion = bundle.manifest.section("emotions").section("fear")
        steps = stages.emotion_calibration(emotion)
        assert steps.at(0).slope == pytest.approx(0.7940, abs=1e-4)
        assert steps.at(1).slope == pytest.approx(0.7065, abs=1e-4)
        old = changed(bundle, without("emotions", "fear", "probability", "steps"))
        single = stages.emotion_calibration(old.manifest.section("emotions").section("fear"))
        assert single.at(0) == single.at(99) == stages.platt_scaling(emotion)

    def test_without_a_read_out_no_expression_is_read_and_movement_alone_decides(
        self, bundle: Bundle
    ) -> None:
        old = changed(bundle, without("expression"))
        assert stages.expression_network(old) is None
        assert stages.expression_thresholds(old).rest is None
        assert stages.create_motion_stage(old).showing is None


def with_rest(bundle: Bundle) -> Bundle:
    """Return the bundle with limits of the read-out such as `calibrate expression` learns."""
    return changed(bundle, rest_from(1.75))


def rest_from(faint: float) -> Change:
    def change(values: dict[str, Any]) -> None:
        part = values["expression"]
        counted = [name for name in part["names"] if "blink" not in name]
        part["rest"] = {
            "typical": dict.fromkeys(part["names"], 0.02),
            "scale": dict.fromkeys(counted, 0.1),
            "faint": faint,
            "certain": 2.6,
        }

    return change


class TestExpression:
    def test_the_packaged_gate_goes_by_movement_and_read_out(self, bundle: Bundle) -> None:
        assert stages.rest_limits(bundle) is not None
        plain = changed(bundle, without("expression", "rest"))
        assert stages.rest_limits(plain) is None

    def test_the_read_out_and_its_limits_are_by_the_same_names(self, bundle: Bundle) -> None:
        bundle = with_rest(bundle)
        reader, limits = stages.create_expression_reader(bundle), stages.rest_limits(bundle)
        assert reader is not None
        assert limits is not None
        gray = np.random.default_rng(0).integers(0, 255, (90, 90), np.uint8)
        points = np.random.default_rng(1).uniform(20, 70, (68, 2)).astype(np.float32)
        expression, _ = reader.read(gray, points)
        assert expression is not None
        names = expression.names
        scale = bundle.manifest.section("expression").section("rest").section("scale")
        assert [*np.isinf(limits.scale)] == [name not in scale for name in names]
        assert limits.scale[names.index("smile_left")] == pytest.approx(scale.number("smile_left"))

    def test_a_broad_smile_is_one_beyond_the_limits(self, bundle: Bundle) -> None:
        bundle = with_rest(bundle)
        limits = stages.rest_limits(bundle)
        assert limits is not None
        names, values = bundle.manifest.section("expression").texts("names"), limits.typical.copy()
        assert limits.strength(values) < limits.faint
        values[[names.index(f"smile_{side}") for side in ("left", "right")]] = 0.9
        assert limits.strength(values) > limits.certain


class TestArrays:
    def test_the_arrays_of_the_population_keep_their_names_in_files(self, bundle: Bundle) -> None:
        population = stages.population(bundle)
        for array, key in (
            (population.neutral, "neutral"),
            (population.movement_range, "movement_range"),
            (population.quiet_directions, "still"),
            (population.movement_directions, "moved"),
            (population.neutral_regression, "guess"),
        ):
            assert array is bundle.array(f"population/{key}")

    def test_a_read_out_is_the_weights_and_then_the_bias(self, bundle: Bundle) -> None:
        row = bundle.array("read_out/any-1/fear")
        _, read_out = stages.read_outs(bundle, ("any-0", "any-1"), "fear")
        np.testing.assert_array_equal(read_out.weights, row[:64])
        assert read_out.bias == row[64]

    def test_prototypes_are_those_of_the_first_network_of_the_emotion(self, bundle: Bundle) -> None:
        prototypes = stages.emotion_prototypes(bundle, "any")
        assert prototypes is not None
        assert prototypes.network == "any-0"
        assert prototypes.genuine is bundle.array("prototype/any-0/genuine")
        assert prototypes.fake is bundle.array("prototype/any-0/fake")


class TestSavedPerson:
    STATS = PersonStats(10.0, np.zeros(80, np.float32), np.full(80, 0.01, np.float32), 10.0)

    def test_bias_and_offset_belong_to_the_bundle_that_gave_them(self, bundle: Bundle) -> None:
        saved = SavedPerson(self.STATS, bundle.sha256, 0.5, 10.0, (0.1, 0.2), 6)
        assert stages.person_bias(bundle, saved).mean == (0.5, 10.0)
        assert stages.personal_offset(bundle, saved) == (0.1, 0.2)
        for other in (replace(saved, bundle_sha256="c" * 64), None):
            assert stages.person_bias(bundle, other).mean == (0.0, 0.0)
            assert stages.personal_offset(bundle, other) is None

    def test_the_personal_offset_reaches_the_calibration(self, bundle: Bundle) -> None:
        emotion = bundle.manifest.section("emotions").section("fear")
        shared = stages.emotion_calibration(emotion)
        personal = stages.emotion_calibration(emotion, (0.0, 0.25)).at(5, expected=True)
        assert personal.intercept == pytest.approx(shared.at(5).intercept + 0.25)


@pytest.mark.parametrize(
    ("change", "create"),
    [
        (setting(5.0, "motion", "stride_s"), stages.window_timing),
        (setting(-1.0, "population", "neutral_prior"), stages.population),
        (setting(0.0, "basis", "spread"), stages.movement_basis),
        (setting(0, "recognition", "steps"), stages.recognition_config),
        (setting(9.0, "gate", "expression_keep"), stages.create_gate),
        (setting({"fear": -1.0}, "gate", "misfit_max"), stages.create_gate),
        (rest_from(0.0), stages.rest_limits),
        (setting(["smile"], "expression", "names"), stages.create_expression_reader),
    ],
)
def test_values_that_make_no_stage_are_refused_with_their_section(
    bundle: Bundle, change: Change, create: Callable[[Bundle], object]
) -> None:
    with pytest.raises(BundleRefused, match=r"bundle\.json\.\w+: .*; get a whole bundle"):
        create(changed(bundle, change))


@pytest.mark.parametrize(
    "change", [setting(-1.0, "slope"), setting([[1, 1.0, 0.0]], "steps")], ids=["slope", "steps"]
)
def test_an_invalid_calibration_is_refused_with_its_section(bundle: Bundle, change: Change) -> None:
    broken = changed(bundle, lambda values: change(values["emotions"]["fear"]["probability"]))
    with pytest.raises(BundleRefused, match=r"emotions\.fear\.probability: .*get a whole bundle"):
        stages.emotion_calibration(broken.manifest.section("emotions").section("fear"))


def test_the_weight_count_is_that_of_the_largest_network(bundle: Bundle) -> None:
    small = stages.network_weight_count(bundle, "fear")
    large = changed(bundle, setting(128, "networks", "any-1", "hidden"))
    assert stages.network_weight_count(large, "fear") > 2 * small


def test_the_judge_runs_the_networks_of_its_emotions_alone(bundle: Bundle) -> None:
    """An ensemble for the score, every emotion's network for the prediction errors."""
    judge = stages.create_judge(bundle, stages.choose_emotion(bundle, "fear"), "native")
    assert set(judge._recognisers.names) == set(bundle.networks)
    assert judge.steps == stages.recognition_config(bundle).steps == 1

    def add_unused(values: dict[str, Any]) -> None:
        values["networks"]["any-9"] = values["networks"]["any-0"]

    spare = changed(bundle, add_unused)
    names = stages.create_judge(spare, stages.choose_emotion(spare, "fear"), "native")
    assert "any-9" not in names._recognisers.names


def test_ghosts_are_played_three_tenths_of_a_second_ahead(bundle: Bundle) -> None:
    assert stages.create_ghost_player(bundle).lead_frames == 3


def test_the_platt_scaling_is_read_from_the_manifest(bundle: Bundle) -> None:
    emotion = bundle.manifest.section("emotions").section("any")
    assert stages.platt_scaling(emotion) == PlattScaling(
        1.3766700970234687, -0.022605082914770293, 0.0507
    )
