"""The time to the first reading, taken of processes that only print."""

from __future__ import annotations

import subprocess
import sys

import pytest

from realtime.tools.time_to_first_reading import time_to_first_reading_s


def talker(*lines: str) -> list[str]:
    """A process that uses measurable CPU time, prints `lines`, and stays alive."""
    works = "import time\nwhile time.process_time() < 0.05: pass\n"
    prints = "; ".join(f"print({line!r}, flush=True)" for line in lines)
    return [sys.executable, "-c", f"{works}{prints}; import threading; threading.Event().wait(60)"]


def test_the_clock_stops_at_the_first_reading_and_the_process_is_ended() -> None:
    wall_s, cpu_s = time_to_first_reading_s(
        talker("watching demo clip", "    0.00 s  warming_up     there it is")
    )
    assert cpu_s > 0
    assert 0 < wall_s < 60  # the process would have stayed that long


def test_a_process_that_ends_without_a_reading_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended without a reading"):
        time_to_first_reading_s([sys.executable, "-c", "print('watching demo clip')"])


def test_the_packaged_bundle_asks_for_neither_xgboost_nor_scipys_linear_algebra() -> None:
    """They take longer to import than all the rest of a start."""
    asked = (
        "import sys; from realtime.app.prepare import load_pipeline, prepare_run;"
        "from realtime.app.cli import parser;"
        "from realtime.app.options import Options; from realtime.core.tracing import NO_TRACING;"
        "plan = prepare_run(Options.of(parser().parse_args(['--demo', '--headless'])));"
        "load_pipeline(plan, lambda verdict: None, NO_TRACING, print);"
        "heavy = ('xgboost', 'scipy.linalg', 'torch', 'onnx');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout == "[]\n"
