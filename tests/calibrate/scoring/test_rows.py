import math

from calibrate.scoring.rows import COLUMNS, KINDS, SCORES, ClipScore, unscored


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
