"""The real gauge in a process of its own, serving its page.

    python tests/support/served_gauge.py --seconds 20
    python tests/support/served_gauge.py --picture docs/pictures/page.png

measures how long a reading takes until the page shows its number, and makes the page's picture.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import realtime

if TYPE_CHECKING:
    from playwright.sync_api import Page

DEMO = ("--demo", "--loop")
START_S = 120.0  # the first start on a machine compiles the engine
ROOT = Path(realtime.__file__).parents[1]
# Notes the time of the first frame after each new number, when it is about to be painted.
WATCH = """() => {
  window.shown = [];
  const reading = document.getElementById("reading");
  new MutationObserver(() => {
    if (!reading.dataset.at) return;
    const seen = [Number(reading.dataset.at), document.getElementById("percent").textContent];
    requestAnimationFrame(() => window.shown.push([...seen, Date.now() / 1000]));
  }).observe(reading, { attributes: true, attributeFilter: ["data-at"] });
}"""


@dataclass
class ServedGauge:
    """A running gauge: its page's address, and when (Unix time) it wrote which verdict."""

    process: subprocess.Popen[str]
    url: str
    verdicts: list[tuple[float, dict[str, object]]] = field(default_factory=list)

    def read(self) -> None:
        """Note each verdict on standard output, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            row = json.loads(line)
            if row["type"] == "verdict":
                self.verdicts.append((time.time(), row))

    def by_time(self) -> dict[float, dict[str, object]]:
        """Return the verdicts by their media time."""
        return {float(str(row["at_s"])): row for _, row in self.verdicts}


@contextmanager
def serve(
    port: int = 0, source: Sequence[str] = DEMO, record: Path | None = None
) -> Iterator[ServedGauge]:
    """Run the gauge until the block ends, on the looped demo clip or another source.

    Its verdicts are known here unless `record` takes them.
    """
    command = [sys.executable, "-m", "realtime", *source, "--yes", "--no-window"]
    command += ["--record", str(record or "-"), "--serve", str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        try:
            gauge = ServedGauge(process, _address(process))
            read = gauge.read if record is None else process.stdout.read  # type: ignore[union-attr]
            threading.Thread(target=read, daemon=True).start()
            threading.Thread(target=process.stderr.read, daemon=True).start()  # type: ignore[union-attr]
            yield gauge
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Return the page's address, which the gauge prints."""
    assert process.stderr is not None
    killer = threading.Timer(START_S, process.kill)
    killer.start()
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "web page: " in line:
            killer.cancel()
            return line.split("web page: ")[1].split()[0]
    killer.cancel()
    raise AssertionError(f"the gauge served no page: {''.join(lines)}")


def main() -> None:
    """Measure, or make the picture."""
    from staged_page import open_browser

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    with serve() as gauge, open_browser() as browser:
        motion = "no-preference" if options.picture is None else "reduce"
        size = {"width": 1280, "height": 800}
        page = browser.new_page(viewport=size, reduced_motion=motion)
        page.goto(gauge.url)
        page.locator("body[data-link=live]").wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        if options.picture is None:
            print(_latency(gauge, page, options.seconds))
        else:
            page.wait_for_timeout(60_000)  # until the history is full
            judged = page.locator("body[data-state=judging], body[data-state=settled]")
            judged.wait_for(timeout=60_000)
            page.screenshot(path=options.picture)


def _latency(gauge: ServedGauge, page: Page, seconds: float) -> str:
    """Return percentiles of the time from a verdict's line to the frame with its number."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * seconds)
    shown = page.evaluate("window.shown")
    written_s = {float(str(row["at_s"])): at_s for at_s, row in gauge.verdicts}
    late_ms = [1000 * (at_s - written_s[key]) for key, _, at_s in shown if key in written_s]
    cuts = statistics.quantiles(late_ms, n=100)
    return f"{len(late_ms)} readings: p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms"


if __name__ == "__main__":
    main()
