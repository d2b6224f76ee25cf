"""Measure how many clips an hour are scored, by how they are spread over processor cores.

    python -m calibrate.experiments.throughput CLIPS [-n 48] [--people 8] [--repeats 3]

Scores the first clips of the first people of a folder or manifest with one process, two processes,
two Dask workers, and as the gauge does it (`realtime --replay` on a folder), in turn, and prints
the median of each with its ratio to one process. The tables must be equal, byte for byte. Run it
on a machine that does nothing else. The clips of one person are judged one after another, so that a
list of few people gains less from many cores.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from calibrate.data.clips import DataError
from calibrate.scoring.inputs import ClipEntry, ManifestWords, find_entries

HOUR_S = 3600.0
HOURS_OF_VIDEO = (1_000, 100_000)
SCORE = {
    "1 process": ("--jobs", "1"),
    "2 processes": ("--jobs", "2"),
    "2 Dask workers": ("--workers", "2"),
}
GAUGE = "gauge, folder"
Timed = Callable[[Sequence[str]], float]


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds of each repeat by way of working, for `clips` clips of `video_s` seconds together."""

    clips: int
    video_s: float
    seconds: Mapping[str, Sequence[float]]

    def lines(self) -> list[str]:
        """Return the figures as lines of text."""
        alone_s = median(self.seconds["1 process"])
        rows = [
            f"{name:<16} {self.clips * HOUR_S / median(took):7.0f} clips an hour"
            f"  {alone_s / median(took):5.2f} x  ({', '.join(f'{s:.1f}' for s in took)} s)"
            for name, took in self.seconds.items()
        ]
        speed = self.video_s / alone_s  # seconds of video for each second of one core
        needed = (
            f"{hours:,} h of video: {hours / speed:,.0f} core hours" for hours in HOURS_OF_VIDEO
        )
        return [
            f"{self.clips} clips, {self.video_s:.0f} s of video",
            *rows,
            f"one core: {speed:.2f} times real time; {'; '.join(needed)}",
        ]


def first_clips(entries: Sequence[ClipEntry], count: int, people: int) -> list[ClipEntry]:
    """Return about `count` of `entries`, as many of each of the first `people`."""
    each: dict[str, list[ClipEntry]] = {}
    for entry in entries:
        each.setdefault(entry.person, []).append(entry)
    chosen = list(each.values())[:people]
    return [entry for clips in chosen for entry in clips[: -(-count // len(chosen))]][:count]


def measure(entries: Sequence[ClipEntry], repeats: int, folder: Path, timed: Timed) -> Throughput:
    """Score `entries` in every way, `repeats` times in turn; work is done in `folder`.

    Raises `DataError` if two ways give another table.
    """
    manifest, clips = folder / "list.csv", folder / "clips"
    rows = (f'"{entry.file.resolve()}",{entry.person},{entry.emotion}\n' for entry in entries)
    manifest.write_text("clip,person,emotion\n" + "".join(rows))
    clips.mkdir()
    for number, entry in enumerate(entries):
        (clips / f"{number:05}{entry.file.suffix}").symlink_to(entry.file.resolve())
    seconds: dict[str, list[float]] = {name: [] for name in (*SCORE, GAUGE)}
    tables: set[bytes] = set()
    for _ in range(repeats):
        for name, options in SCORE.items():
            out = folder / "scores.csv"
            command = ("-m", "calibrate", "score", str(manifest), "-o", str(out), *options)
            seconds[name].append(timed(command))
            tables.add(out.read_bytes())
            out.unlink()
        gauge = "import sys; from realtime.app.cli import main; sys.exit(main(sys.argv[1:]))"
        play = ("--replay", str(clips), "--fast", "--headless", "--yes", "--emotion", "any")
        seconds[GAUGE].append(timed(("-c", gauge, *play)))
    if len(tables) != 1:
        raise DataError(f"{len(tables)} different tables of the same clips; want one")
    return Throughput(len(entries), _video_s(entries), seconds)


def run_timed(arguments: Sequence[str]) -> float:
    """Run Python with `arguments`; return the seconds it took. Raises `CalledProcessError`."""
    began_s = time.monotonic()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began_s


def _video_s(entries: Sequence[ClipEntry]) -> float:
    from calibrate.scoring.inspection import inspect_file

    return sum(inspect_file(entry.file).duration_s for entry in entries)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clips", type=Path, help="a folder of clips, or a manifest")
    parser.add_argument("-n", type=int, default=48, help="how many of them (default: 48)")
    parser.add_argument("--people", type=int, default=8, help="of so many people (default: 8)")
    parser.add_argument("--repeats", type=int, default=3, help="of every way (default: 3)")
    options = parser.parse_args(argv)
    every = find_entries([options.clips], ManifestWords())
    entries = first_clips(every, options.n, options.people)
    folder = Path(tempfile.mkdtemp())
    try:
        print("\n".join(measure(entries, options.repeats, folder, run_timed).lines()))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
