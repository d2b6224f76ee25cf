"""Getting to know a person, as the real stages do it together: nobody sets a strength, a doubt or a level by hand."""

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

OWN = (0.5, 3.0)  # so far from everybody's map that no score is left uncertain
ELSEWHERE = "c" * 64  # another bundle's sha256
ENOUGH = 6  # expressions after which somebody expected is sure


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
def usual(bundle: Bundle) -> CalibrationByExperience:
    """Everybody's maps."""
    return stages.emotion_calibration(bundle.manifest.section("emotions").section(ANY))


@pytest.fixture(scope="module")
def of_ann(bundle: Bundle, ann: Look) -> SavedPerson:
    """Ann, saved from ten expressions that looked genuine in the mean."""
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


def numbers(seen: list[Seen]) -> list[Seen]:
    """Those with a score or a probability."""
    return [
        one for one in seen if one.reading.score is not None or one.reading.p_genuine is not None
    ]


def kept_expressions(sitting: Sitting) -> float:
    kept = sitting.person.confirmed_stats
    return kept.expressions if kept is not None else 0.0


class TestWhoSitsDown:
    """After a break somebody else is there, whose face at rest lies far from the rest of who sat there."""

    @pytest.fixture(params=["a stranger before", "ann before, who is saved"])
    def sitting(
        self, request: pytest.FixtureRequest, bundle: Bundle, ann: Look, of_ann: SavedPerson
    ) -> Sitting:
        sitting = Sitting(bundle, of_ann if "saved" in request.param else None)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        assert (
            sitting.person.observed_expressions
            == sitting.person.confirmed_expressions - 10 * sitting.person.is_expected
            == ENOUGH
        )
        assert numbers(sitting.seen)
        return sitting

    @pytest.mark.parametrize("breaks", [0, 1])
    def test_who_never_moves_is_at_rest_once_they_were_noticed(
        self, sitting: Sitting, bob: Look, breaks: int
    ) -> None:
        """In the stretches between further breaks they seem to move, until it is known whose rest that is."""
        before, began_s = sitting.person.person_id, sitting.now_s
        for _ in range(breaks):
            sitting.looks_away()
            sitting.rests(bob, 1.3)
        sitting.looks_away()
        sitting.rests(bob, 6.0)
        since = [seen for seen in sitting.since(began_s) if seen.tick.person.person_id > before]
        assert sitting.person.person_id == before + 1
        assert len(since) >= 20
        assert numbers(since) == []
        assert sitting.person.observed_expressions == since[-1].tick.person.known_expressions == 0
        assert sitting.judge.bias == (0.0, 0.0)

    def test_the_expression_that_they_began_with_is_theirs(
        self, sitting: Sitting, bob: Look
    ) -> None:
        before = sitting.person.person_id
        sitting.looks_away()
        sitting.rests(bob, 0.5)
        sitting.begins(bob)
        sitting.shows(bob.shown, 0.7)
        sitting.looks_away()
        sitting.see(bob.rest)
        person, known = sitting.person, sitting.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 1)
        assert known is not None
        assert known.expressions == 1
        np.testing.assert_allclose(known.neutral, bob.rest, atol=0.01)
        assert known.mean_square_movement.max() > 0.1 * np.square(bob.shown - bob.rest).max()

    def test_what_was_seen_of_them_before_they_were_noticed_is_known_at_once(
        self, sitting: Sitting, bundle: Bundle
    ) -> None:
        """Somebody so like who sat there that one stretch is not enough to tell."""
        alike, before = Look(bundle, 2), sitting.person.person_id
        sitting.looks_away()
        sitting.rests(alike, 1.3)
        sitting.looks_away()
        sitting.see(alike.rest)
        assert sitting.person.person_id == before
        while sitting.person.person_id == before and sitting.person.remembered_s < 60:
            sitting.see(alike.rest)
        person, known = sitting.person, sitting.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 0)
        assert known is not None
        assert known.clips == pytest.approx(1.3 / CLIP_S, abs=0.05)
        np.testing.assert_allclose(known.neutral, alike.rest, atol=0.01)

    def test_a_source_that_goes_quiet_is_nobody_else(self, sitting: Sitting, bob: Look) -> None:
        sitting.looks_away()
        sitting.rests(bob, 3.0)
        for _ in range(2):
            sitting.expresses(bob)
        assert sitting.judge.bias[1] == 2
        quiet = sitting.judge.read(Tick(sitting.now_s, -1, sitting.now_s, signal=False))
        assert quiet.state is State.NO_SIGNAL
        sitting.rests(bob, 0.5)
        assert sitting.judge.bias[1] == 2


def poor(sitting: Sitting, look: Look) -> None:
    sitting.see(look.rest, DARK)


def away(sitting: Sitting, look: Look) -> None:
    sitting.looks_away()


class TestWhatIsKept:
    @pytest.mark.parametrize("between", [poor, away])
    def test_the_level_rests_on_every_expression_that_is_settled(
        self,
        bundle: Bundle,
        ann: Look,
        of_ann: SavedPerson,
        between: Callable[[Sitting, Look], None],
    ) -> None:
        """However often the view is bad for a moment: it is never sure of the last, and of all others it is."""
        sitting, kept = Sitting(bundle, of_ann), list[tuple[float, float]]()
        for _ in range(10):
            sitting.expresses(ann)
            between(sitting, ann)
            kept.append((sitting.judge.confirmed_bias[1], kept_expressions(sitting)))
        assert not sitting.person.confirmed
        level, known = np.array(kept).T
        assert (
            np.abs(level - known)[3:].max() <= 1
        )  # of the first three nobody is sure before the third is over
        assert known[-1] >= 10 + 8
        assert level[-1] >= sitting.person.confirmed_expressions - 1
        assert sitting.judge.confirmed_bias[0] != of_ann.bias
        sitting.rests(ann, 12.0)
        assert sitting.person.confirmed
        assert sitting.judge.confirmed_bias[1] == kept_expressions(sitting) == 20

    def test_what_is_in_doubt_is_in_no_kept_level(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson
    ) -> None:
        sitting = Sitting(bundle, of_ann)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.person.confirmed
        sitting.looks_away()
        sitting.expresses(ann)
        assert not sitting.person.confirmed
        assert (
            sitting.judge.bias[1],
            sitting.judge.confirmed_bias[1],
            kept_expressions(sitting),
        ) == (
            11 + ENOUGH,
            10 + ENOUGH,
            10 + ENOUGH,
        )

    @pytest.mark.parametrize("signal", [True, False])
    def test_nor_is_an_expression_in_doubt_that_breaks_off(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, signal: bool
    ) -> None:
        """The face, or the source, is lost in the midst of it, before it is counted."""
        sitting = Sitting(bundle, of_ann)
        for _ in range(ENOUGH):
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
            kept_expressions(sitting),
        ) == (
            11 + ENOUGH,
            10 + ENOUGH,
            10 + ENOUGH,
        )
        sitting.rests(ann, 9.0)
        assert sitting.person.confirmed
        assert sitting.judge.confirmed_bias[1] == kept_expressions(sitting) == 11 + ENOUGH

    def test_a_bundle_that_tells_nobody_apart_keeps_nothing(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected_person = replace(stages.population(bundle), geometry=None)
        monkeypatch.setattr(stages, "population", lambda bundle: expected_person)
        sitting = Sitting(bundle, of_ann)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        assert sitting.person.confirmed
        assert sitting.judge.bias[1] == 10 + ENOUGH
        assert sitting.judge.confirmed_bias == (of_ann.bias, of_ann.bias_clips)
        assert sitting.person.confirmed_stats is of_ann.stats

    def test_no_number_of_sessions_makes_a_level_too_heavy_to_move(self) -> None:
        kept = (0.0, 0.0)
        for _ in range(20):
            level = PersonBias(*kept)
            for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
                level.add(1.0, expression)
            level.confirm(MAX_BIAS_EXPRESSIONS)
            kept = level.confirmed
            assert kept[1] <= MAX_CLIPS
        assert kept == (pytest.approx(1.0), MAX_CLIPS)
        level = PersonBias(*kept)
        for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
            level.add(-2.0, expression)
        assert level.mean[0] == pytest.approx(0.0)

    def test_nor_does_a_file_that_says_so(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson
    ) -> None:
        sitting = Sitting(bundle, replace(of_ann, bias_clips=1000.0))
        assert sitting.judge.bias == (0.5, MAX_CLIPS)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.judge.confirmed_bias[1] == MAX_CLIPS
        assert sitting.judge.confirmed_bias[0] != 0.5

    def test_a_view_that_stays_poor_is_reckoned_once(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sitting, calls = Sitting(bundle, of_ann), list[str]()
        for _ in range(ENOUGH):
            sitting.expresses(ann)

        def counted(name: str) -> None:
            real = getattr(tracker, name)

            def counting(*asked: Any) -> Any:
                calls.append(name)
                return real(*asked)

            monkeypatch.setattr(tracker, name, counting)

        counted("neutral_of_segments")
        counted("stats_of_segments")
        poor(sitting, ann)
        assert set(calls) == {"neutral_of_segments", "stats_of_segments"}
        first = len(calls)
        for _ in range(29):
            poor(sitting, ann)
        assert len(calls) == first
        assert kept_expressions(sitting) == 10 + ENOUGH


class TestTakenAnew:
    @pytest.mark.parametrize("absence_s", [0.0, 3.0])
    def test_of_who_was_expected_nothing_is_kept(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, home: Path, absence_s: float
    ) -> None:
        file.save("ann", of_ann)
        before = (home / "ann.json").read_bytes()
        sitting = Sitting(bundle, of_ann)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        assert kept_expressions(sitting) == 10 + ENOUGH
        sitting.person.reset()
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        sitting.looks_away(absence_s)
        sitting.expresses(ann)
        assert not sitting.person.is_expected
        assert sitting.person.confirmed_stats is None
        assert not any(seen.tick.person.is_expected for seen in sitting.seen[-5:])
        said = learn(sitting, of_ann, bundle)
        why = "the neutral face was reset during the run"
        assert said == f"ann's profile was not updated: {why}"
        assert (home / "ann.json").read_bytes() == before

    def test_without_it_the_same_session_is_learned(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, home: Path
    ) -> None:
        sitting = Sitting(bundle, of_ann)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        assert learn(sitting, of_ann, bundle).endswith(f"now holds {10 + ENOUGH} expressions")
        now = file.load("ann")
        assert now.stats.expressions == now.bias_clips == 10 + ENOUGH
        assert now.bias == sitting.judge.confirmed_bias[0] != of_ann.bias


class TestAnotherBundle:
    """Ann was saved with another bundle, whose scores were on another scale; her face is the same."""

    @pytest.fixture
    def of_another(self, of_ann: SavedPerson) -> SavedPerson:
        return replace(of_ann, bundle_sha256=ELSEWHERE, personal_offset=OWN, labelled=6)

    def test_what_is_on_a_scale_is_left_aside_and_said(
        self, bundle: Bundle, ann: Look, of_another: SavedPerson, usual: CalibrationByExperience
    ) -> None:
        assert stages.personal_offset(bundle, of_another) is None
        assert stages.person_bias(bundle, of_another).mean == (0.0, 0.0)
        note = expected_person.other_bundle_note(prepared(of_another, bundle))
        assert note.startswith("ann was saved with another bundle")
        sitting = Sitting(bundle, of_another)
        assert sitting.judge.bias == (0.0, 0.0)
        sitting.expresses(ann)
        assert sitting.person.is_expected
        assert follows(sitting, lambda known: usual.at(known)) == 1

    def test_what_is_of_this_one_is_used_and_nothing_said(
        self, bundle: Bundle, of_ann: SavedPerson
    ) -> None:
        mine = replace(of_ann, personal_offset=OWN)
        assert stages.personal_offset(bundle, mine) == OWN
        assert stages.person_bias(bundle, mine).mean == (0.5, 10.0)
        assert expected_person.other_bundle_note(prepared(mine, bundle)) == ""
        assert Sitting(bundle, mine).judge.bias == (0.5, 10.0)

    def test_the_face_is_learned_and_what_is_on_a_scale_stays(
        self, bundle: Bundle, ann: Look, of_another: SavedPerson, home: Path
    ) -> None:
        sitting = Sitting(bundle, of_another)
        for _ in range(ENOUGH):
            sitting.expresses(ann)
        sitting.rests(ann, 3.0)
        assert sitting.judge.confirmed_bias[1] == ENOUGH
        assert learn(sitting, of_another, bundle).endswith(f"now holds {10 + ENOUGH} expressions")
        now = file.load("ann")
        assert now.stats.expressions == 10 + ENOUGH
        assert now.stats.clips > 13
        scaled = (now.bundle_sha256, now.bias, now.bias_clips, now.personal_offset, now.labelled)
        assert scaled == (ELSEWHERE, 0.5, 10.0, OWN, 6)


def follows(sitting: Sitting, wanted: Callable[[int], PlattScaling]) -> int:
    """Every score became a probability by the map that is `wanted` for as many known; how many maps that were."""
    seen = numbers(sitting.seen)
    assert seen
    maps = set()
    for one in seen:
        assert one.reading.score is not None
        want = wanted(one.tick.person.known_expressions)
        p_genuine = want.p_genuine(one.reading.score)
        maps.add(want)
        assert one.reading.p_genuine == (
            None if want.is_uncertain(p_genuine) else pytest.approx(p_genuine)
        )
    return len(maps)


class TestOwnMap:
    def test_it_is_so_far_from_everybody_s_for_as_many_as_are_known(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, usual: CalibrationByExperience
    ) -> None:
        few = replace(
            of_ann, stats=replace(of_ann.stats, clips=1.0, expressions=1.0), personal_offset=OWN
        )
        sitting = Sitting(bundle, few)
        for _ in range(3):
            sitting.expresses(ann)
        assert sitting.person.is_expected

        def own(known: int) -> PlattScaling:
            every = usual.at(known)
            return PlattScaling(
                every.slope * math.exp(OWN[0]), every.intercept + OWN[1], every.abstain_margin
            )

        assert follows(sitting, own) >= 3

    def test_it_is_nobody_else_s(
        self,
        bundle: Bundle,
        ann: Look,
        bob: Look,
        of_ann: SavedPerson,
        usual: CalibrationByExperience,
    ) -> None:
        sitting = Sitting(bundle, replace(of_ann, personal_offset=OWN))
        sitting.rests(bob, 3.0)
        assert not sitting.person.is_expected
        sitting.seen.clear()
        for _ in range(2):
            sitting.expresses(bob)
        assert follows(sitting, lambda known: usual.at(known)) == 2


class TestExpected:
    def test_against_a_rest_that_is_known_a_first_look_is_an_expression(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson
    ) -> None:
        """Of a stranger the first look is all there is: it passes for rest."""
        known, stranger = Sitting(bundle, of_ann), Sitting(bundle)
        for sitting in (known, stranger):
            sitting.shows(ann.shown, 1.2)
        assert known.seen[-1].tick.intensity == pytest.approx(STRONG, rel=0.15)
        assert numbers(known.seen)
        assert stranger.seen[-1].tick.intensity < 0.3
        assert stranger.seen[-1].reading.state is State.NEUTRAL


class TestHowMuchWasSeen:
    @pytest.mark.parametrize("hz", [7.0, 15.0])
    def test_a_slow_camera_tells_as_much_as_a_fast_one(
        self, bundle: Bundle, ann: Look, hz: float
    ) -> None:
        told = []
        for rate in (30.0, hz):
            sitting = Sitting(bundle, hz=rate)
            sitting.rests(ann, 6.0)
            for _ in range(5):
                sitting.expresses(ann)
            known = sitting.person.stats()
            assert known is not None
            told.append((sitting.person.remembered_s, known.clips, known.expressions))
        np.testing.assert_allclose(told[1], told[0], rtol=0.1)
        assert told[0][2] == 5

    @pytest.mark.parametrize(("expected", "before"), [(True, 4), (False, 4)])
    def test_one_smile_that_is_held_is_one_expression(
        self, bundle: Bundle, ann: Look, of_ann: SavedPerson, expected: bool, before: int
    ) -> None:
        sitting = Sitting(bundle, of_ann if expected else None)
        sitting.rests(ann, 6.0)
        for _ in range(before):
            sitting.expresses(ann)
        level = sitting.judge.bias[1]
        sitting.expresses(ann, 20.0)
        sitting.rests(ann, 3.0)
        assert sitting.person.observed_expressions == before + 1
        assert sitting.judge.bias[1] == level + 1
        assert sitting.seen[-1].reading.state is State.NEUTRAL
