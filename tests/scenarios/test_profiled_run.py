"""A whole run with --profile: the stages explain the age of the readings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from realtime.app.cli import main
from realtime.core.tracing import STAGES, WAITS


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return the output of a paced demo run and the folder with its trace and report."""
    import contextlib
    import io

    folder, out = tmp_path_factory.mktemp("profile"), io.StringIO()
    files = [word for name in ("t.json", "r.html") for word in ("--profile", str(folder / name))]
    with contextlib.redirect_stdout(out):
        assert main(["--demo", "--to", "4.2s", "--lossless", "--no-window", *files]) == 0
    return out.getvalue(), folder


def test_the_stages_sum_up_to_the_age_and_never_to_more(profiled: tuple[str, Path]) -> None:
    """Within 5 % with a core per thread; a busy machine preempts between stages."""
    match = re.search(r"sum up to ([\d.]+) % of the age", profiled[0])
    assert match
    assert 50 < float(match[1]) < 100.5


def test_the_table_is_printed_with_every_stage(profiled: tuple[str, Path]) -> None:
    for stage in STAGES:
        assert re.search(rf"^{stage} +[\d.]+ +[\d.]+", profiled[0], re.MULTILINE)
    assert re.search(r"^age at gauge", profiled[0], re.MULTILINE)


def test_the_trace_holds_every_thread_and_tick(profiled: tuple[str, Path]) -> None:
    events = json.loads((profiled[1] / "t.json").read_text())["traceEvents"]
    assert {event["name"] for event in events} >= {*STAGES, "neutral", "judging"}
    begun = {event["id"] for event in events if event["ph"] == "b"}
    assert begun == {event["id"] for event in events if event["ph"] == "e"}
    assert {event["name"] for event in events if event["ph"] == "b"} <= set(WAITS)


def test_the_report_is_written(profiled: tuple[str, Path]) -> None:
    assert "Where the time goes" in (profiled[1] / "r.html").read_text()
