from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from realtime.core.messages import Contribution, Onset, OnsetRank, State
from realtime.core.snapshot import FrameCounts, Rates, RunVerdict
from realtime.view.records.rows import (
    RunInfo,
    Summary,
    run_row,
    summary_row,
    verdict_row,
    wall_clock_at,
)

INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC), "2026-03-01T12:00:00.450+00:00"),
        (datetime(2026, 3, 1, 0, 0, 0, 20_000, INDIA), "2026-02-28T23:59:59.970+05:30"),
    ],
)
def test_the_wall_clock_time_is_that_of_the_capture(verdict, now: datetime, shown: str) -> None:
    reading = replace(verdict(State.JUDGING, 0.5), age_ms=50.0)
    assert wall_clock_at(reading, now) == shown
    assert datetime.fromisoformat(shown).tzinfo is not None


def test_numbers_are_rounded_so_that_bytes_repeat(verdict) -> None:
    row = verdict_row(verdict(State.JUDGING, 0.123456, at_s=0.1 + 0.2))
    assert (row["at_s"], row["p_genuine"]) == (0.3, 0.1235)


def test_that_a_source_is_live_is_no_field_of_its_own() -> None:
    values = ("0.1.0", "x", "happiness", "native", "ab" * 32, 1.0, 0.1, 5, 25.0)
    assert run_row(RunInfo(*values, live=True)) == run_row(RunInfo(*values))


def test_a_face_is_named_only_where_several_are_followed(verdict) -> None:
    one, second = verdict(State.NEUTRAL), replace(verdict(State.NEUTRAL), face=2)
    assert "face" not in verdict_row(one)
    assert verdict_row(second) == verdict_row(one) | {"face": 2}
    values = ("0.1.0", "x", "happiness", "native", "ab" * 32, 1.0, 0.1, 5, 25.0)
    alone = run_row(RunInfo(*values))
    assert "faces" not in alone
    assert run_row(RunInfo(*values, faces=3)) == alone | {"faces": 3}


def test_what_fits_the_landmarks_is_named_where_it_is_not_the_kernel() -> None:
    values = ("0.1.0", "x", "happiness", "native", "ab" * 32, 1.0, 0.1, 5, 25.0)
    usual = run_row(RunInfo(*values))
    assert "landmarks" not in usual
    assert run_row(RunInfo(*values, landmarks="dlib")) == usual | {"landmarks": "dlib"}


def test_the_summary_has_the_emotions_of_each_face_that_was_there() -> None:
    first, third = (
        {"fear": RunVerdict("judging", 0.2, 1.0)},
        {"fear": RunVerdict("neutral", None, 0)},
    )
    alone = summary_row(Summary(FrameCounts(), first, None, Rates()))
    assert "faces" not in alone
    several = summary_row(Summary(FrameCounts(), first, None, Rates(), {}, {1: first, 3: third}))
    assert several["emotions"] == alone["emotions"]
    assert several["faces"] == [
        {"face": 1, "emotions": alone["emotions"]},
        {"face": 3, "emotions": {"fear": {"state": "neutral", "p_genuine": None, "judged_s": 0.0}}},
    ]


def test_an_onset_is_compared_only_where_the_bundle_knows_some(verdict) -> None:
    judged = verdict(State.JUDGING, 0.5)
    began = replace(judged, onset=Onset(1.0, 1.5, 2.0, 6.0, 2.6, 0.9, None, 0.33333))
    plain = verdict_row(began)["onset"]
    assert plain == {
        "start_s": 1.0, "duration_s": 0.5, "amplitude": 2.0, "largest_speed": 6.0,
        "mean_speed": 2.6, "relative_speed": 3.0, "symmetry": 0.9, "mouth_lead_s": None,
        "plateau_s": 0.333,
    }  # fmt: skip
    ranked = verdict_row(replace(began, onset_rank=OnsetRank(0.8, 0.4)))["onset"]
    assert ranked == plain | {"faster_than": {"genuine": 0.8, "fake": 0.4}}
    assert verdict_row(judged)["onset"] is None


def test_what_makes_the_score_is_written_by_name(verdict) -> None:
    assert verdict_row(verdict(State.NEUTRAL))["why"] is None
    made = (Contribution("usual", 0.01234), Contribution("movement", -0.5, False))
    judged = replace(verdict(State.JUDGING, 0.4), contributions=made)
    assert verdict_row(judged)["why"] == {"usual": 0.012, "movement": -0.5}
