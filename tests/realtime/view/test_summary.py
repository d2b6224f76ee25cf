from __future__ import annotations

from dataclasses import replace

import pytest

from realtime.core.messages import State
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict
from realtime.view.records.rows import Summary
from realtime.view.summary import files_table, summary_lines
from realtime.view.words.catalogue import choose_language


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


def test_slow_searches_that_were_not_used_are_told_by_reason() -> None:
    searches = {"newer_picture": 1, "outdated": 2}
    told = summary_lines(Summary(FrameCounts(), {}, None, Rates(), searches_unused=searches))
    expected = "search      3 slow face searches were not used (newer_picture 1, outdated 2)"
    assert expected in told
    none = summary_lines(Summary(FrameCounts(), {}, None, Rates()))
    assert not any(line.startswith("search") for line in none)


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


def test_several_faces_have_lines_of_their_own() -> None:
    faces = {
        1: {"anger": RunVerdict("judging", 0.2, 2.0), "fear": RunVerdict("no_face", None, 0.0)},
        3: {"anger": RunVerdict("judging", 0.7, 1.0)},
    }
    summary = Summary(FrameCounts(), faces[1], None, Rates(), {}, faces)
    assert summary_lines(summary)[:3] == [
        "1: anger    20 % genuine, looks fake, from 2.0 s of judged movement",
        "1: fear     nothing judged: no face in the picture",
        "3: anger    70 % genuine, leans genuine, from 1.0 s of judged movement",
    ]
    table = files_table([("a.mp4", replace(summary, frames=FrameCounts(3, 3)), None)])
    assert [line.split()[1:3] for line in table[1:]] == [
        ["1:", "anger"],
        ["1:", "fear"],
        ["3:", "anger"],
    ]


def test_the_summary_is_in_the_chosen_language() -> None:
    choose_language("de", {})
    emotions = {"surprise": RunVerdict("judging", 0.78, 1.9), "any": RunVerdict("no_face", None, 0)}
    summary = Summary(FrameCounts(9, 9), emotions, None, Rates())
    lines = summary_lines(summary)
    assert lines[0].startswith("Überraschung 78 % echt")
    assert lines[1].startswith("beliebig     nichts beurteilt")
    table = files_table([("a.mp4", summary, OSError("gone")), ("b.mp4", None, None)])
    assert table[0].split() == [
        "Datei",
        "Emotion",
        "beurteilt",
        "Bilder",
        "ausgelassen",
        "Ergebnis",
    ]
    assert table[1].index("1.9 s") == table[2].index("0.0 s")
    assert table[1].endswith("; vorzeitig beendet: gone")
    assert table[3].split(maxsplit=1) == ["b.mp4", "nicht verarbeitet"]
