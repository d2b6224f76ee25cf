"""The pictures of the documents show what their names say."""

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
LONGEST_BYTES = 500_000


def snapshots(*states: State) -> list[Snapshot]:
    """Return a snapshot after each verdict; the readings rise by 5 % each."""
    made: list[Snapshot] = []
    for number, state in enumerate(states):
        p = 0.5 + 0.05 * number if state.has_number else None
        reason = "" if state.has_number else "because"
        verdict = Verdict(0.2 * number, 6 * number, "surprise", state, p, reason, 10.0)
        frame = Frame(6 * number, 0.2 * number, 0.0, np.full((360, 640, 3), 20 * number, np.uint8))
        history = (*(made[-1].history if made else ()), verdict)
        run = RunVerdict("judging", p, 0.2)
        made.append(Snapshot(SETTING, frame, None, None, verdict, history, run))
    return made


N, J = State.NEUTRAL, State.JUDGING
RUN = snapshots(N, J, N, J, J, J, N)


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    return {path.name: path for path in readme_pictures.write_pictures(tmp_path, RUN, RUN)}


def text_of(path: Path) -> str:
    """Return all text of an SVG, with hard spaces turned soft."""
    return "".join(ElementTree.fromstring(path.read_text()).itertext()).replace("\xa0", " ")


def test_the_still_is_the_middle_of_the_last_run_of_readings(written: dict[str, Path]) -> None:
    assert "JUDGING" in text_of(written["gauge-judging.svg"])
    assert "70 % genuine" in text_of(written["gauge-judging.svg"])
    fifth_frame = cv2.imread(str(written["window.jpg"]))
    assert abs(float(fifth_frame[100, 320].mean()) - 80) < 3


def test_the_neutral_still_shows_the_history_and_no_number(written: dict[str, Path]) -> None:
    text = text_of(written["gauge-neutral.svg"])
    assert "NEUTRAL" in text
    assert "no reading" in text
    assert "%" not in text
    assert "█" in text or "▄" in text


def test_the_animation_shows_every_snapshot_in_order(written: dict[str, Path]) -> None:
    text = text_of(written["gauge.svg"])
    readings = [text.index(f"{percent} % genuine") for percent in (55, 65, 70, 75)]
    assert readings == sorted(readings)
    assert text.count("no reading") == 3
    assert "steps(7) infinite" in written["gauge.svg"].read_text()


def test_the_animation_lasts_a_stride_a_frame_and_rests_on_the_still(
    written: dict[str, Path],
) -> None:
    style = written["gauge.svg"].read_text()
    frame = readme_pictures.SIZE[1] * readme_pictures.LINE_PX
    assert "play 1.4s" in style
    assert f"transform: translateY(-{4 * frame:g}px);" in style
    assert f"to {{ transform: translateY(-{7 * frame:g}px) }}" in style


@pytest.mark.parametrize(
    ("run", "message"),
    [(snapshots(N, N), "no reading in 2"), (snapshots(J), "neutral in none of 1")],
)
def test_a_run_without_readings_or_without_neutral_is_refused(
    run: Sequence[Snapshot], message: str, tmp_path: Path
) -> None:
    with pytest.raises(GaugeError, match=message):
        readme_pictures.write_pictures(tmp_path, run, RUN)


def test_the_command_draws_the_demo_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = {}
    record_snapshots = readme_pictures.record_snapshots

    def unpaced(*, paced: bool, **options: Any) -> list[Snapshot]:
        assert paced
        run = record_snapshots(paced=False, **options)
        recorded[options.get("emotion")] = run
        return run

    monkeypatch.setattr(readme_pictures, "record_snapshots", unpaced)
    out = tmp_path / "pictures"
    assert readme_pictures.main(["-o", str(out)]) == 0
    assert (len(recorded[None]), len(recorded["all"])) == (43, 7 * 43)
    assert len(capsys.readouterr().out.splitlines()) == 6
    assert all(500 < path.stat().st_size < LONGEST_BYTES for path in out.iterdir())
    rows = text_of(out / "gauge-all.svg")
    for emotion in ("any", "anger", "disgust", "fear", "happiness", "sadness", "surprise"):
        assert emotion in rows
    ElementTree.fromstring((out / "profile.svg").read_text())
