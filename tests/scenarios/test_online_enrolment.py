"""Online enrolment through the real stages: intensity, identity and bias all come from frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from stages import DARK, STRONG, Look, Seen, Sitting

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.app import expected_person
from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.app.prepare import PreparedRun
from realtime.core.labels import ANY
from realtime.core.messages import State, Tick
from realtime.person import saved_profile as file
from realtime.person import tracker
from realtime.person.saved_profile import SavedPerson
from realtime.person.segment import CLIP_S
from realtime.person.stats import MAX_CLIPS, PersonStats
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.person_bias import MAX_BIAS_EXPRESSIONS, PersonBias

PERSONAL_OFFSET = (0.5, 3.0)  # so large that no score is left uncertain
OTHER_SHA256 = "c" * 64  # another bundle's sha256
CONFIRMING_EXPRESSIONS = 6  # expressions that confirm an expected person


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.load(DEFAULT_BUNDLE)


@pytest.fixture(scope="module")
def ann(bundle: Bundle) -> Look:
    return Look(bundle, 1)


@pytest.fixture(scope="module")
def bob(bundle: Bundle) -> Look:
    return Look(bundle, 3)


@pytest.fixture(scope="module")
def population_calibration(bundle: Bundle) -> CalibrationByExperience:
    """Return the calibration of the population."""
    return stages.emotion_calibration(bundle.manifest.section("emotions").section(ANY))


@pytest.fixture(scope="module")
def saved_ann(bundle: Bundle, ann: Look) -> SavedPerson:
    """Return Ann, saved after ten expressions that scored genuine on average."""
    square = np.square(ann.shown - ann.rest)
    return SavedPerson(PersonStats(10.0, ann.rest, square, 10.0), bundle.sha256, 0.5, 10.0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(file, "people_folder", lambda: tmp_path / "people")
    return tmp_path / "people"


def learn(sitting: Sitting, saved: SavedPerson, bundle: Bundle) -> str:
    return expected_person.update_profile(prepared(saved, bundle), cast(Pipeline, sitting))


def prepared(saved: SavedPerson | None, bundle: Bundle) -> PreparedRun:
    """The part of a prepared run that --person and --learn read."""
    options = Options.of(parser().parse_args(["--demo", "--person", "ann", "--learn"]))
    gauge = SimpleNamespace(expected_person=saved, bundle=bundle)
    return cast(PreparedRun, SimpleNamespace(options=options, gauge=gauge))


def scored(seen: list[Seen]) -> list[Seen]:
    """Return the ticks with a score or a probability."""
    return [
        one for one in seen if one.reading.score is not None or one.reading.p_genuine is not None
    ]


def confirmed_expressions(sitting: Sitting) -> float:
    stats = sitting.person.confirmed_stats
    return stats.expressions if stats is not None else 0.0


class TestNewPerson:
    """After an interruption, another person whose neutral is far from the one before."""

    @pytest.fixture(params=["unknown person before", "saved person before"])
    def sitting(
        self, request: pytest.FixtureRequest, bundle: Bundle, ann: Look, saved_ann: SavedPerson
    ) -> Sitting:
        sitting = Sitting(bundle, saved_ann if "saved" in request.param else None)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        assert (
            sitting.person.observed_expressions
            == sitting.person.confirmed_expressions - 10 * sitting.person.is_expected
            == CONFIRMING_EXPRESSIONS
        )
        assert scored(sitting.seen)
        return sitting

    @pytest.mark.parametrize("interruptions", [0, 1])
    def test_a_still_new_person_is_neutral_once_noticed(
        self, sitting: Sitting, bob: Look, interruptions: int
    ) -> None:
        """Until the change is noticed, segments show movement measured from the wrong neutral."""
        before, began_s = sitting.person.person_id, sitting.now_s
        for _ in range(interruptions):
            sitting.looks_away()
            sitting.rests(bob, 1.3)
        sitting.looks_away()
        sitting.rests(bob, 6.0)
        since = [seen for seen in sitting.since(began_s) if seen.tick.person.person_id > before]
        assert sitting.person.person_id == before + 1
        assert len(since) >= 20
        assert scored(since) == []
        assert sitting.person.observed_expressions == since[-1].tick.person.known_expressions == 0
        assert sitting.judge.bias == (0.0, 0.0)

    def test_an_expression_before_the_change_was_noticed_counts_for_the_new_person(
        self, sitting: Sitting, bob: Look
    ) -> None:
        before = sitting.person.person_id
        sitting.looks_away()
        sitting.rests(bob, 0.5)
        sitting.begins(bob)
        sitting.shows(bob.shown, 0.7)
        sitting.looks_away()
        sitting.see(bob.rest)
        person, stats = sitting.person, sitting.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 1)
        assert stats is not None
        assert stats.expressions == 1
        np.testing.assert_allclose(stats.neutral, bob.rest, atol=0.01)
        assert stats.mean_square_movement.max() > 0.1 * np.square(bob.shown - bob.rest).max()

    def test_segments_before_the_change_was_noticed_count_for_the_new_person(
        self, sitting: Sitting, bundle: Bundle
    ) -> None:
        """A person so similar that one segment does not decide."""
        similar, before = Look(bundle, 2), sitting.person.person_id
        sitting.looks_away()
        sitting.rests(similar, 1.3)
        sitting.looks_away()
        sitting.see(similar.rest)
        assert sitting.person.person_id == before
        while sitting.person.person_id == before and sitting.person.remembered_s < 60:
            sitting.see(similar.rest)
        person, stats = sitting.person, sitting.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 0)
        assert stats is not None
        assert stats.clips == pytest.approx(1.3 / CLIP_S, abs=0.05)
        np.testing.assert_allclose(stats.neutral, similar.rest, atol=0.01)

    def test_a_silent_source_does_not_change_the_person(self, sitting: Sitting, bob: Look) -> None:
        sitting.looks_away()
        sitting.rests(bob, 3.0)
        for _ in range(2):
            sitting.expresses(bob)
        assert sitting.judge.bias[1] == 2
        quiet = sitting.judge.read(Tick(sitting.now_s, -1, sitting.now_s, signal=False))
        assert quiet.state is State.NO_SIGNAL
        sitting.rests(bob, 0.5)
        assert sitting.judge.bias[1] == 2


def show_dark_frame(sitting: Sitting, look: Look) -> None:
    sitting.see(look.rest, DARK)


def look_away(sitting: Sitting, look: Look) -> None:
    sitting.looks_away()


class TestConfirmedBias:
    @pytest.mark.parametrize("between", [show_dark_frame, look_away])
    def test_the_bias_counts_every_confirmed_expression(
        self,
        bundle: Bundle,
        ann: Look,
        saved_ann: SavedPerson,
        between: Callable[[Sitting, Look], None],
    ) -> None:
        """With a short interruption after each, only the last expression stays unconfirmed."""
        sitting, counts = Sitting(bundle, saved_ann), list[tuple[float, float]]()
        for _ in range(10):
            sitting.expresses(ann)
            between(sitting, ann)
            counts.append((sitting.judge.confirmed_bias[1], confirmed_expressions(sitting)))
        assert not sitting.person.confirmed
        bias_clips, stats_clips = np.array(counts).T
        # The first three are confirmed only when the third has ended.
        assert np.abs(bias_clips - stats_clips)[3:].max() <= 1
        assert stats_clips[-1] >= 10 + 8
        assert bias_clips[-1] >= sitting.person.confirmed_expressions - 1
        assert sitting.judge.confirmed_bias[0] != saved_ann.bias
        sitting.rests(ann, 12.0)
        assert sitting.person.confirmed
        assert sitting.judge.confirmed_bias[1] == confirmed_expressions(sitting) == 20

    def test_unconfirmed_expressions_are_not_in_the_confirmed_bias(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson
    ) -> None:
        sitting = Sitting(bundle, saved_ann)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.person.confirmed
        sitting.looks_away()
        sitting.expresses(ann)
        assert not sitting.person.confirmed
        assert (
            sitting.judge.bias[1],
            sitting.judge.confirmed_bias[1],
            confirmed_expressions(sitting),
        ) == (11 + CONFIRMING_EXPRESSIONS, 10 + CONFIRMING_EXPRESSIONS, 10 + CONFIRMING_EXPRESSIONS)

    @pytest.mark.parametrize("signal", [True, False])
    def test_nor_is_an_interrupted_unconfirmed_expression(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, signal: bool
    ) -> None:
        """The face or the source is lost during the expression, before it is counted."""
        sitting = Sitting(bundle, saved_ann)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        sitting.looks_away()
        sitting.rests(ann)
        sitting.begins(ann)
        sitting.shows(ann.shown, 0.6)
        if not signal:
            sitting.judge.read(Tick(sitting.now_s, -1, sitting.now_s, signal=False))
        sitting.loses_face()
        sitting.rests(ann)
        assert not sitting.person.confirmed
        assert (
            sitting.judge.bias[1],
            sitting.judge.confirmed_bias[1],
            confirmed_expressions(sitting),
        ) == (11 + CONFIRMING_EXPRESSIONS, 10 + CONFIRMING_EXPRESSIONS, 10 + CONFIRMING_EXPRESSIONS)
        sitting.rests(ann, 9.0)
        assert sitting.person.confirmed
        assert (
            sitting.judge.confirmed_bias[1]
            == confirmed_expressions(sitting)
            == 11 + CONFIRMING_EXPRESSIONS
        )

    def test_without_a_geometry_model_nothing_is_confirmed(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_geometry = replace(stages.population(bundle), geometry=None)
        monkeypatch.setattr(stages, "population", lambda bundle: without_geometry)
        sitting = Sitting(bundle, saved_ann)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        assert sitting.person.confirmed
        assert sitting.judge.bias[1] == 10 + CONFIRMING_EXPRESSIONS
        assert sitting.judge.confirmed_bias == (saved_ann.bias, saved_ann.bias_clips)
        assert sitting.person.confirmed_stats is saved_ann.stats

    def test_the_weight_of_the_bias_is_capped_over_sessions(self) -> None:
        confirmed = (0.0, 0.0)
        for _ in range(20):
            bias = PersonBias(*confirmed)
            for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
                bias.add(1.0, expression)
            bias.confirm(MAX_BIAS_EXPRESSIONS)
            confirmed = bias.confirmed
            assert confirmed[1] <= MAX_CLIPS
        assert confirmed == (pytest.approx(1.0), MAX_CLIPS)
        bias = PersonBias(*confirmed)
        for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
            bias.add(-2.0, expression)
        assert bias.mean[0] == pytest.approx(0.0)

    def test_the_weight_of_a_saved_bias_is_capped(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson
    ) -> None:
        sitting = Sitting(bundle, replace(saved_ann, bias_clips=1000.0))
        assert sitting.judge.bias == (0.5, MAX_CLIPS)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.judge.confirmed_bias[1] == MAX_CLIPS
        assert sitting.judge.confirmed_bias[0] != 0.5

    def test_stats_are_computed_once_while_the_view_stays_poor(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sitting, calls = Sitting(bundle, saved_ann), list[str]()
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)

        def count_calls(name: str) -> None:
            real = getattr(tracker, name)

            def counting(*args: Any) -> Any:
                calls.append(name)
                return real(*args)

            monkeypatch.setattr(tracker, name, counting)

        count_calls("neutral_of_segments")
        count_calls("stats_of_segments")
        show_dark_frame(sitting, ann)
        assert set(calls) == {"neutral_of_segments", "stats_of_segments"}
        first = len(calls)
        for _ in range(29):
            show_dark_frame(sitting, ann)
        assert len(calls) == first
        assert confirmed_expressions(sitting) == 10 + CONFIRMING_EXPRESSIONS


class TestNeutralReset:
    @pytest.mark.parametrize("absence_s", [0.0, 3.0])
    def test_after_a_reset_the_saved_person_is_not_updated(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, home: Path, absence_s: float
    ) -> None:
        file.save("ann", saved_ann)
        before = (home / "ann.json").read_bytes()
        sitting = Sitting(bundle, saved_ann)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        assert confirmed_expressions(sitting) == 10 + CONFIRMING_EXPRESSIONS
        sitting.person.reset()
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        sitting.looks_away(absence_s)
        sitting.expresses(ann)
        assert not sitting.person.is_expected
        assert sitting.person.confirmed_stats is None
        assert not any(seen.tick.person.is_expected for seen in sitting.seen[-5:])
        note = learn(sitting, saved_ann, bundle)
        reason = "the neutral face was reset during the run"
        assert note == f"ann's profile was not updated: {reason}"
        assert (home / "ann.json").read_bytes() == before

    def test_without_a_reset_the_same_session_updates_the_person(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, home: Path
    ) -> None:
        sitting = Sitting(bundle, saved_ann)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        assert learn(sitting, saved_ann, bundle).endswith(
            f"now holds {10 + CONFIRMING_EXPRESSIONS} expressions"
        )
        updated = file.load("ann")
        assert updated.stats.expressions == updated.bias_clips == 10 + CONFIRMING_EXPRESSIONS
        assert updated.bias == sitting.judge.confirmed_bias[0] != saved_ann.bias


class TestAnotherBundle:
    """Ann was saved with another bundle, whose scores are on another scale."""

    @pytest.fixture
    def saved_elsewhere(self, saved_ann: SavedPerson) -> SavedPerson:
        return replace(
            saved_ann, bundle_sha256=OTHER_SHA256, personal_offset=PERSONAL_OFFSET, labelled=6
        )

    def test_bias_and_offset_of_another_bundle_are_not_used_and_noted(
        self,
        bundle: Bundle,
        ann: Look,
        saved_elsewhere: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        assert stages.personal_offset(bundle, saved_elsewhere) is None
        assert stages.person_bias(bundle, saved_elsewhere).mean == (0.0, 0.0)
        note = expected_person.other_bundle_note(prepared(saved_elsewhere, bundle))
        assert note.startswith("ann was saved with another bundle")
        sitting = Sitting(bundle, saved_elsewhere)
        assert sitting.judge.bias == (0.0, 0.0)
        sitting.expresses(ann)
        assert sitting.person.is_expected
        assert calibrations_used(sitting, population_calibration.at) == 1

    def test_bias_and_offset_of_this_bundle_are_used_without_a_note(
        self, bundle: Bundle, saved_ann: SavedPerson
    ) -> None:
        mine = replace(saved_ann, personal_offset=PERSONAL_OFFSET)
        assert stages.personal_offset(bundle, mine) == PERSONAL_OFFSET
        assert stages.person_bias(bundle, mine).mean == (0.5, 10.0)
        assert expected_person.other_bundle_note(prepared(mine, bundle)) == ""
        assert Sitting(bundle, mine).judge.bias == (0.5, 10.0)

    def test_stats_are_updated_and_bias_and_offset_stay(
        self, bundle: Bundle, ann: Look, saved_elsewhere: SavedPerson, home: Path
    ) -> None:
        sitting = Sitting(bundle, saved_elsewhere)
        for _ in range(CONFIRMING_EXPRESSIONS):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.judge.confirmed_bias[1] == CONFIRMING_EXPRESSIONS
        assert learn(sitting, saved_elsewhere, bundle).endswith(
            f"now holds {10 + CONFIRMING_EXPRESSIONS} expressions"
        )
        updated = file.load("ann")
        assert updated.stats.expressions == 10 + CONFIRMING_EXPRESSIONS
        assert updated.stats.clips > 13
        scaled = (
            updated.bundle_sha256,
            updated.bias,
            updated.bias_clips,
            updated.personal_offset,
            updated.labelled,
        )
        assert scaled == (OTHER_SHA256, 0.5, 10.0, PERSONAL_OFFSET, 6)


def calibrations_used(sitting: Sitting, expected: Callable[[int], PlattScaling]) -> int:
    """Check each probability against the `expected` calibration; return how many were in use."""
    ticks = scored(sitting.seen)
    assert ticks
    calibrations = set()
    for one in ticks:
        assert one.reading.score is not None
        calibration = expected(one.tick.person.known_expressions)
        p_genuine = calibration.p_genuine(one.reading.score)
        calibrations.add(calibration)
        assert one.reading.p_genuine == (
            None if calibration.is_uncertain(p_genuine) else pytest.approx(p_genuine)
        )
    return len(calibrations)


class TestPersonalOffset:
    def test_it_shifts_the_calibration_for_the_known_expressions(
        self,
        bundle: Bundle,
        ann: Look,
        saved_ann: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        few = replace(
            saved_ann,
            stats=replace(saved_ann.stats, clips=1.0, expressions=1.0),
            personal_offset=PERSONAL_OFFSET,
        )
        sitting = Sitting(bundle, few)
        for _ in range(3):
            sitting.expresses(ann)
        assert sitting.person.is_expected

        def shifted(expressions: int) -> PlattScaling:
            population = population_calibration.at(expressions)
            return PlattScaling(
                population.slope * math.exp(PERSONAL_OFFSET[0]),
                population.intercept + PERSONAL_OFFSET[1],
                population.abstain_margin,
            )

        assert calibrations_used(sitting, shifted) >= 3

    def test_it_does_not_apply_to_another_person(
        self,
        bundle: Bundle,
        ann: Look,
        bob: Look,
        saved_ann: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        sitting = Sitting(bundle, replace(saved_ann, personal_offset=PERSONAL_OFFSET))
        sitting.rests(bob, 3.0)
        assert not sitting.person.is_expected
        sitting.seen.clear()
        for _ in range(2):
            sitting.expresses(bob)
        assert calibrations_used(sitting, population_calibration.at) == 2


class TestSavedNeutral:
    def test_with_a_saved_neutral_the_first_frames_can_be_an_expression(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson
    ) -> None:
        """For an unknown person the first frames pass for neutral."""
        expected, unknown = Sitting(bundle, saved_ann), Sitting(bundle)
        for sitting in (expected, unknown):
            sitting.shows(ann.shown, 1.2)
        assert expected.seen[-1].tick.intensity == pytest.approx(STRONG, rel=0.15)
        assert scored(expected.seen)
        assert unknown.seen[-1].tick.intensity < 0.3
        assert unknown.seen[-1].reading.state is State.NEUTRAL


class TestFrameRate:
    @pytest.mark.parametrize("hz", [7.0, 15.0])
    def test_a_slow_camera_enrols_as_much_as_a_fast_one(
        self, bundle: Bundle, ann: Look, hz: float
    ) -> None:
        amounts = []
        for rate in (30.0, hz):
            sitting = Sitting(bundle, hz=rate)
            sitting.rests(ann, 6.0)
            for _ in range(5):
                sitting.expresses(ann)
            stats = sitting.person.stats()
            assert stats is not None
            amounts.append((sitting.person.remembered_s, stats.clips, stats.expressions))
        np.testing.assert_allclose(amounts[1], amounts[0], rtol=0.1)
        assert amounts[0][2] == 5

    @pytest.mark.parametrize(("expected", "before"), [(True, 4), (False, 4)])
    def test_one_held_smile_is_one_expression(
        self, bundle: Bundle, ann: Look, saved_ann: SavedPerson, expected: bool, before: int
    ) -> None:
        sitting = Sitting(bundle, saved_ann if expected else None)
        sitting.rests(ann, 6.0)
        for _ in range(before):
            sitting.expresses(ann)
        bias_clips = sitting.judge.bias[1]
        sitting.expresses(ann, 20.0)
        sitting.rests(ann, 3.0)
        assert sitting.person.observed_expressions == before + 1
        assert sitting.judge.bias[1] == bias_clips + 1
        assert sitting.seen[-1].reading.state is State.NEUTRAL
