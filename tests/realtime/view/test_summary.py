from __future__ import annotations

import pytest

from realtime.core.messages import State
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict
from realtime.view.records.rows import Summary
from realtime.view.summary import summary_lines


def test_the_summary_of_a_good_run() -> None:
    summary = Summary(
        FrameCounts(72, 70, {"busy": 2}),
        {"happiness": RunVerdict("judging", 0.78, 1.9)},
        AgePercentiles(11, 17.4, 22),
        Rates(30, 29.5),
    )
    assert summary_lines(summary) == [
        "happiness   78 % genuine, looks genuine, from 1.9 s of judged movement",
        "frames      72 captured, 70 processed, 2 dropped (busy 2)",
        "speed       30.0 frames/s in, 29.5 out",
        "age         p50 11.0 ms, p95 17.4 ms, p99 22.0 ms",
    ]


def test_faces_that_were_not_described_are_told_by_reason() -> None:
    faces = {"poor_view": 11, "face_too_small": 2, "outdated": 0}
    told = summary_lines(Summary(FrameCounts(), {}, None, Rates(), faces))
    assert (
        "identity    13 faces were due and not described (face_too_small 2, poor_view 11)" in told
    )


def test_each_emotion_has_its_line() -> None:
    emotions = {
        "anger": RunVerdict("uncertain", 0.51, 2.0),
        "fear": RunVerdict("no_face", None, 0.0),
    }
    lines = summary_lines(Summary(FrameCounts(), emotions, None, Rates()))
    assert lines[:2] == [
        "anger       undecided: too close to 50 %, from 2.0 s of judged movement",
        "fear        nothing judged: no face in the picture",
    ]


@pytest.mark.parametrize("state", sorted({*State} - {State.UNCERTAIN}))
def test_nothing_judged_has_no_percent(state: State) -> None:
    emotions = {"anger": RunVerdict(state.value, None, 0.0)}
    assert "%" not in "".join(summary_lines(Summary(FrameCounts(), emotions, None, Rates())))
