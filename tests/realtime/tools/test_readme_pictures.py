"""The README's pictures show what their names say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.core.messages import Frame, State, Verdict
from realtime.core.snapshot import RunSetting, RunVerdict, Snapshot
from realtime.tools import readme_pictures

SETTING = RunSetting("demo clip", "surprise", "native", 1.6, 0.2)


def moments(*states: State) -> list[Snapshot]:
    """A snapshot after each verdict; the readings rise by 5 % each."""
    made: list[Snapshot] = []
    for number, state in enumerate(states):
        p = 0.5 + 0.05 * number if state.has_number else None
        verdict = Verdict(
            0.2 * number,
            6 * number,
            "surprise",
            state,
            p,
            "" if state.has_number else "because",
            10.0,
        )
        frame = Frame(6 * number, 0.2 * number, 0.0, np.full((360, 640, 3), 20 * number, np.uint8))
        history = (*(made[-1].history if made else ()), verdict)
        made.append(
            Snapshot(SETTING, frame, None, None, verdict, history, RunVerdict("judging", p, 0.2))
        )
    return made


N, J = State.NEUTRAL, State.JUDGING
SEEN = moments(N, J, N, J, J, J, N)


def words(path: Path) -> str:
    """All text of an SVG, its hard spaces turned soft."""
    return "".join(ElementTree.fromstring(path.read_text()).itertext()).replace("\xa0", " ")


def test_the_reading_shown_is_the_middle_of_the_last_stretch(tmp_path: Path) -> None:
    judging, _, window, _ = readme_pictures.write(tmp_path, SEEN, SEEN)
    assert "JUDGING" in words(judging)
    assert "70 % genuine" in words(judging)
    assert (
        abs(float(cv2.imread(str(window))[100, 320].mean()) - 80) < 3
    )  # the fifth frame is of that grey


def test_the_neutral_moment_shows_no_number_but_the_history(tmp_path: Path) -> None:
    _, neutral, _, _ = readme_pictures.write(tmp_path, SEEN, SEEN)
    assert "NEUTRAL" in words(neutral)
    assert "no reading" in words(neutral)
    assert "%" not in words(neutral)
    assert "█" in words(neutral) or "▄" in words(neutral)


@pytest.mark.parametrize(
    ("seen", "said"), [(moments(N, N), "no reading in 2"), (moments(J), "neutral in none of 1")]
)
def test_a_clip_that_shows_only_one_of_the_two_is_refused(
    seen: Sequence[Snapshot], said: str, tmp_path: Path
) -> None:
    with pytest.raises(GaugeError, match=said):
        readme_pictures.write(tmp_path, seen, SEEN)


def test_the_command_makes_the_pictures_of_the_demo_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {}

    def unpaced(*, paced: bool, **asked: Any) -> list[Snapshot]:
        assert paced
        made[asked.get("emotion")] = moments_of(paced=False, **asked)
        return made[asked.get("emotion")]

    moments_of = readme_pictures.moments
    monkeypatch.setattr(readme_pictures, "moments", unpaced)
    assert readme_pictures.main(["-o", str(tmp_path / "pictures")]) == 0
    assert (len(made[None]), len(made["all"])) == (43, 7 * 43)
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert all(path.stat().st_size > 500 for path in (tmp_path / "pictures").iterdir())
    every = words(tmp_path / "pictures" / "gauge-all.svg")
    assert all(
        emotion in every
        for emotion in ("anger", "disgust", "fear", "happiness", "sadness", "foresees")
    )
    ElementTree.fromstring((tmp_path / "pictures" / "profile.svg").read_text())
