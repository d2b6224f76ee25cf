import math

from calibrate.scoring.rows import COLUMNS, KINDS, ONSET_MEASURES, SCORES, ClipScore, unscored
from realtime.core.messages import Onset


def test_a_row_is_rounded_and_complete() -> None:
    score = ClipScore("fear", "judging", "", p_genuine=0.123456, p_sd=math.nan, fps=30.00001)
    row = score.row()
    assert list(row) == list(SCORES) == list(unscored())
    assert (row["p_genuine"], row["p_sd"], row["fps"]) == (0.1235, None, 30.0)
    assert set(KINDS) < set(COLUMNS)
    assert set(SCORES) < set(COLUMNS)


def test_forced_says_that_the_gauge_itself_stays_silent() -> None:
    silent = ClipScore("any", "neutral", "no expression to judge", p_forced=0.4)
    assert silent.row()["forced"] is True
    assert ClipScore("any", "judging", "", p_genuine=0.4, p_forced=0.4).row()["forced"] is False
    assert ClipScore("any", "no_face", "no face found").row()["forced"] is False


def test_an_onset_has_a_column_for_each_measure() -> None:
    onset = Onset(1.0, 1.5, 2.0, 6.0, 2.6, 0.87654321, None, 0.3)
    row = ClipScore("fear", "judging", "", onset=onset).row()
    expected = [0.5, 2.0, 6.0, 2.6, 3.0, 0.8765, None, 0.3]
    assert [row[column] for column in ONSET_MEASURES] == expected
    without = ClipScore("fear", "judging", "").row()
    assert [without[column] for column in ONSET_MEASURES] == [None] * len(expected)
