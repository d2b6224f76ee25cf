"""The demo's portrait, which smiles at rest, played as a file that does not say when it rests."""

from __future__ import annotations

import json
from pathlib import Path

from realtime.app.cli import main
from realtime.capture.demo import CLIP

FIRST, SECOND = (2.0, 4.15), (5.35, 7.55)  # the surprises: `MOVEMENTS` of calibrate/demo
ONSET_S = 0.9  # of the slower one, and until half of the half second judged shows it


def test_numbers_stand_in_the_surprise_and_none_at_rest(tmp_path: Path) -> None:
    record = tmp_path / "out.jsonl"
    argv = ["--replay", str(CLIP), "--fast", "--headless", "--emotion", "surprise"]
    assert main([*argv, "--record", str(record)]) == 0
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    verdicts = [line for line in lines if line["type"] == "verdict"]
    numbers = [line["at_s"] for line in verdicts if line["p_genuine"] is not None]
    assert len(numbers) >= 3
    assert all(SECOND[0] <= at_s <= SECOND[1] for at_s in numbers)
    neutral = [line["at_s"] for line in verdicts if line["state"] == "neutral"]
    assert neutral[-1] > SECOND[1]
    for begins_s, ends_s in (FIRST, SECOND):
        assert not [at_s for at_s in neutral if begins_s + ONSET_S <= at_s <= ends_s - 0.2]
