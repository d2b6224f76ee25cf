"""--person and --learn: the profile after a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from realtime.app import expected_person
from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.app.prepare import PreparedRun
from realtime.core.errors import UsageError
from realtime.person import saved_profile as file
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.person.tracker import PersonTracker
from realtime.runtime.pipeline import Pipeline

BUNDLE = "b" * 64
NEUTRAL = np.zeros(80, np.float32)
FACE = KnownFace(np.ones(128, np.float32), 12)


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
        neutral_reset: bool = False,
        tells: bool = True,
    ) -> None:
        self.confirmed_stats, self.is_expected = kept, expected
        self.expected_face = FACE
        self.neutral_reset, self.can_reidentify = neutral_reset, tells


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
    run = prepared(config("--learn"), ann, bundle)
    return expected_person.update_profile(run, cast(Pipeline, Ended(left, level)), **more)


def prepared(options: Options, saved: SavedPerson | None, bundle: str = BUNDLE) -> PreparedRun:
    """The part of a prepared run that the functions under test read."""
    gauge = SimpleNamespace(expected_person=saved, bundle=SimpleNamespace(sha256=bundle))
    return cast(PreparedRun, SimpleNamespace(options=options, gauge=gauge))


def test_confirmed_stats_are_saved_with_the_bias(ann: SavedPerson) -> None:
    assert (
        learn(ann, Left(known(14)), (0.7, 14.0))
        == "ann's profile was updated; it now holds 14 expressions"
    )
    now = file.load("ann")
    assert (now.stats.expressions, now.bias, now.bias_clips, now.personal_offset) == (
        14.0,
        0.7,
        14.0,
        (1.0, 0.1),
    )
    assert now.face is not None
    assert now.face.count == FACE.count


@pytest.mark.parametrize(
    ("expected", "neutral_reset", "why"),
    [
        (True, False, "the person was not recognised for long enough"),
        (False, False, "another person was in front of the camera"),
        (False, True, "the neutral face was reset during the run"),
    ],
)
def test_a_profile_that_is_not_updated_gives_the_reason(
    ann: SavedPerson, expected: bool, neutral_reset: bool, why: str
) -> None:
    left = Left(ann.stats, expected=expected, neutral_reset=neutral_reset)
    assert learn(ann, left) == f"ann's profile was not updated: {why}"
    assert file.load("ann").stats.expressions == 10


def test_a_profile_without_a_face_is_not_updated(ann: SavedPerson) -> None:
    said = learn(ann, Left(ann.stats, tells=False))
    assert said == "ann's profile was not updated: it holds no face descriptor; enrol again"


def test_nothing_is_saved_while_a_thread_hangs(ann: SavedPerson) -> None:
    assert (
        learn(ann, Left(known(14)), stuck=["vision"])
        == "ann's profile was not updated: vision did not end"
    )
    assert file.load("ann").stats.expressions == 10


def test_a_failed_save_is_a_note_and_does_not_end_the_run(
    ann: SavedPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise file.SavedPersonError("cannot save ann: the disk is full")

    monkeypatch.setattr(file, "save", full)
    assert learn(ann, Left(known(14))) == "cannot save ann: the disk is full"


def test_the_bias_of_another_bundle_is_not_saved(ann: SavedPerson) -> None:
    said = learn(ann, Left(known(14)), (0.0, 0.0), bundle="c" * 64)
    assert said == "ann's profile was updated; it now holds 14 expressions"
    now = file.load("ann")
    assert now.stats.expressions == 14
    for kept in ("bundle_sha256", "bias", "bias_clips", "personal_offset", "labelled"):
        assert getattr(now, kept) == getattr(ann, kept)


def test_a_profile_without_a_face_is_noted_with_the_commands(ann: SavedPerson) -> None:
    assert expected_person.enrol_again_note(prepared(config(), replace(ann, face=FACE))) == ""
    assert expected_person.enrol_again_note(prepared(config(), None)) == ""
    assert expected_person.enrol_again_note(prepared(config(), ann)) == (
        "ann was saved without a face descriptor and cannot be recognised: "
        "calibrate personal --delete ann, then calibrate personal ann"
    )


def test_a_profile_of_another_bundle_is_noted(ann: SavedPerson) -> None:
    assert expected_person.other_bundle_note(prepared(config(), ann)) == ""
    assert expected_person.other_bundle_note(prepared(config(), None)) == ""
    note = "ann was saved with another bundle: person bias and personal offset are not used"
    assert expected_person.other_bundle_note(prepared(config(), ann, "c" * 64)) == note


def test_without_learn_nothing_is_saved(ann: SavedPerson) -> None:
    pipeline = cast(Pipeline, Ended(Left(known(14)), (0.5, 10.0)))
    assert expected_person.update_profile(prepared(config(), ann), pipeline) == ""
    assert file.load("ann").stats.expressions == 10


def test_an_unknown_name_is_refused(ann: SavedPerson) -> None:
    with pytest.raises(UsageError, match="no saved person named bob; saved: ann"):
        expected_person.load_expected("bob", learn=False)
    with pytest.raises(UsageError, match="--learn updates a saved person"):
        expected_person.load_expected(None, learn=True)
    assert expected_person.load_expected(None, learn=False) is None


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (Left(None, expected=True), ""),
        (Left(None, expected=False), "the person at the end was not ann"),
        (Left(None, expected=False, neutral_reset=True), ""),
    ],
)
def test_a_changed_person_is_noted_at_the_end(ann: SavedPerson, left: Left, said: str) -> None:
    pipeline = cast(Pipeline, Ended(left, (0.0, 0.0)))
    assert expected_person.person_change_note(config(), pipeline) == said
    assert expected_person.person_change_note(config(), pipeline, stuck=["vision"]) == ""
