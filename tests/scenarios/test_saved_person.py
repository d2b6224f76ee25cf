"""A saved person in a session: neutral, calibration, and what `--learn` adds to the profile."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from stages import (
    APEX_INTENSITY,
    CONFIRMING_EXPRESSIONS,
    SAVED_EXPRESSIONS,
    GaugeSession,
    SyntheticFace,
    confirmed_expressions,
    scored,
)

from engines.bundle.bundle import Bundle
from realtime.app import expected_person
from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.app.prepare import PreparedRun
from realtime.core.labels import ANY
from realtime.core.messages import State
from realtime.person import saved_profile
from realtime.person.saved_profile import SavedPerson
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling

PERSONAL_OFFSET = (0.5, 3.0)  # so large that no score is left uncertain
OTHER_SHA256 = "c" * 64  # another bundle's sha256
ALL_EXPRESSIONS = SAVED_EXPRESSIONS + CONFIRMING_EXPRESSIONS

NewSession = Callable[..., GaugeSession]


@pytest.fixture(scope="module")
def population_calibration(bundle: Bundle) -> CalibrationByExperience:
    """Return the calibration of the population."""
    return stages.emotion_calibration(bundle.manifest.section("emotions").section(ANY))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(saved_profile, "people_folder", lambda: tmp_path / "people")
    return tmp_path / "people"


def learn(session: GaugeSession, saved: SavedPerson, bundle: Bundle) -> str:
    """Update the saved profile from `session`, as `--learn` does; return the line printed."""
    return expected_person.update_profile(prepared(saved, bundle), cast(Pipeline, session))


def prepared(saved: SavedPerson | None, bundle: Bundle) -> PreparedRun:
    """Return the part of a prepared run that --person and --learn read."""
    options = Options.of(parser().parse_args(["--demo", "--person", "ann", "--learn"]))
    gauge = SimpleNamespace(expected_person=saved, bundle=bundle)
    return cast(PreparedRun, SimpleNamespace(options=options, gauge=gauge))


def calibrations_used(session: GaugeSession, expected: Callable[[int], PlattScaling]) -> int:
    """Check each probability against the `expected` calibration; return how many were in use."""
    ticks = scored(session.readings)
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


class TestSavedNeutral:
    def test_with_a_saved_neutral_the_first_frames_can_be_an_expression(
        self, new_session: NewSession, ann: SyntheticFace, saved_ann: SavedPerson
    ) -> None:
        """For an unknown person the first frames pass for neutral."""
        expected, unknown = new_session(saved_ann), new_session()
        for session in (expected, unknown):
            session.hold(ann.apex, 1.2)
        assert expected.readings[-1].tick.intensity == pytest.approx(APEX_INTENSITY, rel=0.15)
        assert scored(expected.readings)
        assert unknown.readings[-1].tick.intensity < 0.3
        assert unknown.readings[-1].reading.state is State.NEUTRAL


class TestPersonalOffset:
    def test_it_shifts_the_calibration_for_the_known_expressions(
        self,
        new_session: NewSession,
        saved_ann: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        few = replace(saved_ann.stats, clips=1.0, expressions=1.0)
        saved = replace(saved_ann, stats=few, personal_offset=PERSONAL_OFFSET)
        session = new_session(saved, expressions=3)
        assert session.person.is_expected

        def shifted(expressions: int) -> PlattScaling:
            population = population_calibration.at(expressions)
            return PlattScaling(
                population.slope * math.exp(PERSONAL_OFFSET[0]),
                population.intercept + PERSONAL_OFFSET[1],
                population.abstain_margin,
            )

        assert calibrations_used(session, shifted) >= 3

    def test_it_does_not_apply_to_another_person(
        self,
        new_session: NewSession,
        bob: SyntheticFace,
        saved_ann: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        session = new_session(replace(saved_ann, personal_offset=PERSONAL_OFFSET))
        session.show_neutral(bob, 3.0)
        assert not session.person.is_expected
        session.readings.clear()
        for _ in range(2):
            session.show_expression(bob)
        assert calibrations_used(session, population_calibration.at) == 2


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
        new_session: NewSession,
        ann: SyntheticFace,
        saved_elsewhere: SavedPerson,
        population_calibration: CalibrationByExperience,
    ) -> None:
        assert stages.personal_offset(bundle, saved_elsewhere) is None
        assert stages.person_bias(bundle, saved_elsewhere).mean == (0.0, 0.0)
        note = expected_person.other_bundle_note(prepared(saved_elsewhere, bundle))
        assert note.startswith("ann was saved with another bundle")
        session = new_session(saved_elsewhere)
        assert session.judge.bias == (0.0, 0.0)
        session.show_expression(ann)
        assert session.person.is_expected
        assert calibrations_used(session, population_calibration.at) == 1

    def test_bias_and_offset_of_this_bundle_are_used_without_a_note(
        self, bundle: Bundle, new_session: NewSession, saved_ann: SavedPerson
    ) -> None:
        saved = replace(saved_ann, personal_offset=PERSONAL_OFFSET)
        assert stages.personal_offset(bundle, saved) == PERSONAL_OFFSET
        assert stages.person_bias(bundle, saved).mean == (0.5, 10.0)
        assert expected_person.other_bundle_note(prepared(saved, bundle)) == ""
        assert new_session(saved).judge.bias == (0.5, 10.0)

    def test_stats_are_updated_and_bias_and_offset_stay(
        self,
        bundle: Bundle,
        new_session: NewSession,
        ann: SyntheticFace,
        saved_elsewhere: SavedPerson,
        home: Path,
    ) -> None:
        session = new_session(saved_elsewhere, CONFIRMING_EXPRESSIONS)
        session.show_neutral(ann, 3.0)
        assert session.judge.confirmed_bias[1] == CONFIRMING_EXPRESSIONS
        note = learn(session, saved_elsewhere, bundle)
        assert note.endswith(f"now holds {ALL_EXPRESSIONS} expressions")
        updated = saved_profile.load("ann")
        assert updated.stats.expressions == ALL_EXPRESSIONS
        assert updated.stats.clips > 13
        assert (updated.bundle_sha256, updated.labelled) == (OTHER_SHA256, 6)
        assert (updated.bias, updated.bias_clips) == (0.5, 10.0)
        assert updated.personal_offset == PERSONAL_OFFSET


class TestNeutralReset:
    @pytest.mark.parametrize("absence_s", [0.0, 3.0])
    def test_after_a_reset_the_saved_person_is_not_updated(
        self,
        bundle: Bundle,
        confirmed_session: GaugeSession,
        ann: SyntheticFace,
        saved_ann: SavedPerson,
        home: Path,
        absence_s: float,
    ) -> None:
        saved_profile.save("ann", saved_ann)
        before = (home / "ann.json").read_bytes()
        session = confirmed_session
        assert confirmed_expressions(session) == ALL_EXPRESSIONS
        session.person.reset()
        for _ in range(CONFIRMING_EXPRESSIONS):
            session.show_expression(ann)
        session.pause(absence_s)
        session.show_expression(ann)
        assert not session.person.is_expected
        assert session.person.confirmed_stats is None
        assert not any(one.tick.person.is_expected for one in session.readings[-5:])
        note = learn(session, saved_ann, bundle)
        reason = "the neutral face was reset during the run"
        assert note == f"ann's profile was not updated: {reason}"
        assert (home / "ann.json").read_bytes() == before

    def test_without_a_reset_the_same_session_updates_the_person(
        self, bundle: Bundle, confirmed_session: GaugeSession, saved_ann: SavedPerson, home: Path
    ) -> None:
        note = learn(confirmed_session, saved_ann, bundle)
        assert note.endswith(f"now holds {ALL_EXPRESSIONS} expressions")
        updated = saved_profile.load("ann")
        assert updated.stats.expressions == updated.bias_clips == ALL_EXPRESSIONS
        assert updated.bias == confirmed_session.judge.confirmed_bias[0] != saved_ann.bias
