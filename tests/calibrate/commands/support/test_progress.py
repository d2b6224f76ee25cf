import pytest

from calibrate.commands.support.progress import ProgressLines, work_progress


def test_lines_without_a_terminal_tell_speed_and_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now_s = iter([100.0, *(100.0 + 4 * n for n in range(1, 6))])
    lines = ProgressLines("clips", 5, lambda: next(now_s))
    for _ in range(5):
        lines.step()
    assert capsys.readouterr().err.splitlines() == [
        "3 of 5 clips, 15.0 clips a minute, about 0:08 left",
        "5 of 5 clips, 15.0 clips a minute",
    ]


def test_nothing_to_do_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with work_progress("clips", 0) as step:
        step()
    assert capsys.readouterr().err == ""
