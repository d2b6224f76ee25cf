"""A network camera with callbacks: told when the state changes, in a thread of its own.

    python examples/rtsp_callbacks.py rtsp://user:password@host/path [--seconds S]

Without an address it takes the packaged demo clip at its own pace.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from pathlib import Path

import realtime

DEMO = Path(realtime.__file__).parent / "capture" / "demo.mp4"


class Watcher(threading.Thread):
    """Thread that watches one source and calls back; `stop` ends it, also from a callback."""

    def __init__(
        self,
        source: str | Path,
        emotion: str,
        on_change: Callable[[realtime.Reading], None],
        on_error: Callable[[realtime.GaugeError], None],
    ) -> None:
        super().__init__(name="watcher")
        self._source, self._emotion = source, emotion
        self._on_change, self._on_error = on_change, on_error
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Watch until the source ends or `stop` is called."""
        last: realtime.State | None = None
        try:
            paced = isinstance(self._source, Path)
            for reading in realtime.watch(self._source, emotion=self._emotion, paced=paced):
                if self._stop_asked.is_set():
                    return  # leaving the loop closes the camera
                if reading.state is not last:
                    self._on_change(reading)
                last = reading.state
        except realtime.GaugeError as error:
            self._on_error(error)

    def stop(self) -> None:
        """Ask the thread to end, which takes until the next reading. Any thread."""
        self._stop_asked.set()


def show(reading: realtime.Reading) -> None:
    """Print the new state, its number and its reason."""
    number = "" if reading.p_genuine is None else f", {reading.p_genuine:.0%} genuine"
    why = f" ({reading.reason})" if reading.reason else ""
    print(f"{reading.at_s:.1f} s: {reading.state}{number}{why}", flush=True)


def main() -> None:
    """Read the command line and print the readings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address", nargs="?", default=DEMO)
    parser.add_argument("--emotion", default="surprise")
    parser.add_argument("--seconds", type=float, help="stop after this long; default: at the end")
    options = parser.parse_args()

    errors: list[realtime.GaugeError] = []
    watcher = Watcher(options.address, options.emotion, show, errors.append)
    watcher.start()
    watcher.join(options.seconds)  # here a program would do its own work
    watcher.stop()
    watcher.join()
    if errors:
        raise SystemExit(f"rtsp_callbacks: {errors[0]}")


if __name__ == "__main__":
    main()
