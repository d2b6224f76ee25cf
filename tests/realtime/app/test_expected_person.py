"""What a run leaves of the person who was expected, asked of a person as the vision thread leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from realtime.app import expected_person
from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.core.errors import UsageError
from realtime.person import saved_profile as file
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.person.tracker import PersonTracker
from realtime.runtime.pipeline import Pipeline

BUNDLE = "b" * 64
NEUTRAL = np.zeros(80, np.float32)


class Ended:
    """A pipeline whose threads are joined."""

    def __init__(self, person: Any, level: tuple[float, float]) -> None:
        self._left = person, level

    def person_and_bias(self) -> tuple[PersonTracker, tuple[float, float]]:
        return self._left


class Left:
    """A person as the run left them."""

    def __init__(
        self,
        kept: PersonStats | None,
        *,
        expected: bool = True,
        anew: bool = False,
        tells: bool = True,
    ) -> None:
        self.confirmed_stats, self.is_expected = kept, expected
        self.neutral_reset, self.can_reidentify = anew, tells


def known(expressions: float) -> PersonStats:
    return PersonStats(expressions, NEUTRAL, NEUTRAL, expressions)


@pytest.fixture
def ann(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SavedPerson:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    saved = SavedPerson(known(10), BUNDLE, 0.5, 10.0, (1.0, 0.1), 6)
    file.save("ann", saved)
    return saved


def config(*more: str) -> Options:
    return Options.of(parser().parse_args(["--demo", "--person", "ann", *more]))


def learn(
    ann: SavedPerson,
    left: Left,
    level: tuple[float, float] = (0.5, 10.0),
    bundle: str = BUNDLE,
    **more: Any,
) -> str:
    return expected_person.update_profile(
        config("--learn"), ann, bundle, cast(Pipeline, Ended(left, level)), **more
    )


def test_what_is_sure_is_saved_with_the_level(ann: SavedPerson) -> None:
    assert learn(ann, Left(known(14)), (0.7, 14.0)) == "ann is now known by 14 expressions"
    now = file.load("ann")
    assert (now.stats.expressions, now.bias, now.bias_clips, now.personal_offset) == (
        14.0,
        0.7,
        14.0,
        (1.0, 0.1),
    )


@pytest.mark.parametrize(
    ("expected", "anew", "why"),
    [
        (True, False, "too little was seen to be sure that it was they"),
        (False, False, "somebody else was in front"),
        (False, True, "their neutral face was taken anew; what was saved is as it was"),
    ],
)
def test_where_nothing_was_learned_the_reason_is_told(
    ann: SavedPerson, expected: bool, anew: bool, why: str
) -> None:
    left = Left(ann.stats, expected=expected, anew=anew)
    assert learn(ann, left) == f"nothing was learned of ann: {why}"
    assert file.load("ann").stats.expressions == 10


def test_a_bundle_that_cannot_tell_people_apart_teaches_nothing(ann: SavedPerson) -> None:
    said = learn(ann, Left(ann.stats, tells=False))
    assert said == "nothing was learned of ann: this bundle cannot tell whether it was they"


def test_a_thread_that_does_not_end_may_still_be_learning(ann: SavedPerson) -> None:
    assert (
        learn(ann, Left(known(14)), stuck=["vision"])
        == "nothing was learned of ann: vision did not end"
    )
    assert file.load("ann").stats.expressions == 10


def test_what_cannot_be_saved_is_a_line_and_no_end_of_the_run(
    ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise file.SavedPersonError("cannot save ann: the disk is full")

    monkeypatch.setattr(file, "save", full)
    assert learn(ann, Left(known(14))) == "cannot save ann: the disk is full"


def test_a_level_of_another_bundle_is_not_taken_over(ann: SavedPerson) -> None:
    said = learn(ann, Left(known(14)), (0.0, 0.0), bundle="c" * 64)
    assert said == "ann is now known by 14 expressions"
    now = file.load("ann")
    assert now.stats.expressions == 14
    for kept in ("bundle_sha256", "bias", "bias_clips", "personal_offset", "labelled"):
        assert getattr(now, kept) == getattr(ann, kept)


def test_that_part_of_a_person_is_of_another_bundle_is_said(ann: SavedPerson) -> None:
    assert expected_person.notice("ann", ann, BUNDLE) == ""
    assert expected_person.notice(None, None, BUNDLE) == ""
    said = "ann was saved with another bundle: their usual score and own map are left aside"
    assert expected_person.notice("ann", ann, "c" * 64) == said


def test_without_learn_nothing_is_saved(ann: SavedPerson) -> None:
    assert (
        expected_person.update_profile(
            config(), ann, BUNDLE, cast(Pipeline, Ended(Left(known(14)), (0.5, 10.0)))
        )
        == ""
    )
    assert file.load("ann").stats.expressions == 10


def test_nobody_of_that_name_is_refused(ann: SavedPerson) -> None:
    with pytest.raises(UsageError, match="nobody is saved as bob; there is ann"):
        expected_person.expected("bob", learn=False)
    with pytest.raises(UsageError, match="--learn needs a person"):
        expected_person.expected(None, learn=True)
    assert expected_person.expected(None, learn=False) is None


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (Left(None, expected=True), ""),
        (Left(None, expected=False), "at the end this was not ann"),
        (Left(None, expected=False, anew=True), ""),
    ],
)
def test_that_somebody_else_was_there_is_said_at_the_end(
    ann: SavedPerson, left: Left, said: str
) -> None:
    pipeline = cast(Pipeline, Ended(left, (0.0, 0.0)))
    assert expected_person.person_change_note(config(), pipeline) == said
    assert expected_person.person_change_note(config(), pipeline, stuck=["vision"]) == ""
