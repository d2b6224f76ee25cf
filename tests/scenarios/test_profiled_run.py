"""A whole run under the profile: its stages explain the age of its readings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from realtime.app.cli import main
from realtime.core.tracing import STAGES, WAITS


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a paced run of a part of the demo clip printed, and the folder with its trace and page."""
    import contextlib
    import io

    folder, out = tmp_path_factory.mktemp("profile"), io.StringIO()
    files = [word for name in ("t.json", "r.html") for word in ("--profile", str(folder / name))]
    with contextlib.redirect_stdout(out):
        assert main(["--demo", "--to", "4.2s", "--lossless", "--no-window", *files]) == 0
    return out.getvalue(), folder


def test_the_stages_sum_up_to_the_age_and_never_to_more(told: tuple[str, Path]) -> None:
    """Within 5 % where the machine has a core for every thread; a busy one takes threads off between two stages."""
    found = re.search(r"sum up to ([\d.]+) % of the age", told[0])
    assert found
    assert 50 < float(found[1]) < 100.5


def test_the_table_is_printed_with_every_stage(told: tuple[str, Path]) -> None:
    for stage in STAGES:
        assert re.search(rf"^{stage} +[\d.]+ +[\d.]+", told[0], re.MULTILINE)
    assert re.search(r"^age at gauge", told[0], re.MULTILINE)


def test_the_trace_holds_every_thread_and_tick(told: tuple[str, Path]) -> None:
    events = json.loads((told[1] / "t.json").read_text())["traceEvents"]
    assert {event["name"] for event in events} >= {*STAGES, "neutral", "judging"}
    begun = {event["id"] for event in events if event["ph"] == "b"}
    assert begun == {event["id"] for event in events if event["ph"] == "e"}
    assert {event["name"] for event in events if event["ph"] == "b"} <= set(WAITS)


def test_the_page_is_written(told: tuple[str, Path]) -> None:
    assert "Where the time goes" in (told[1] / "r.html").read_text()
