"""Mutated videos, pictures, bundles and manifests: no crash, no hang, bounded memory.

A few at every run; a thousand of each kind, or SOAK_MUTATIONS, under `make soak`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "support" / "fuzz.py"
LIMIT_S = 3600.0
PEAK_MB = (
    1500  # of which most is libraries; a mutation that asked for a picture of 768 MB would show
)
KINDS = ("media", "bundle", "manifest", "model")
FEW = [
    ("media", 10_000, 60),
    ("bundle", 10_000, 30),
    ("manifest", 10_000, 60),
    ("model", 24, 1),
    ("model", 98, 1),
]
MANY = int(os.environ.get("SOAK_MUTATIONS", "1000"))
SEEDS = {
    "a.mp4": ("-c:v", "libx264", "-movflags", "+faststart"),
    "b.avi": ("-c:v", "mpeg4"),
    "c.mkv": ("-c:v", "mjpeg"),
    "d.webm": ("-c:v", "libvpx"),
    "e.ts": ("-c:v", "libx264"),
    "f.jpg": ("-frames:v", "1"),
    "g.png": ("-frames:v", "1"),
    "h.gif": (),
    "i.mts": ("-c:v", "libx264", "-flags", "+ildct+ilme", "-f", "mpegts"),
    "j.mpg": ("-c:v", "mpeg2video", "-flags", "+ildct+ilme"),
    "k.mov": ("-c:v", "prores_ks"),
    "l.mp4": ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none"),
}


@pytest.fixture
def seeds(ffmpeg: Callable[..., Path], tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name, codec in SEEDS.items():
        ffmpeg(name, *codec, seconds=0.5).rename(folder / name)
    return folder


def survived(kind: str, first: int, count: int, seeds: Path) -> None:
    command = [sys.executable, str(FUZZ), kind, str(first), str(count), str(seeds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, (
        f"mutation {last} of {kind} ended it with {done.returncode}: {done.stderr[-2000:]}"
    )
    assert len(re.findall(r"^\d+ (?:taken|refused \w+)$", done.stdout, re.MULTILINE)) == count
    (peak_mb,) = re.findall(r"^peak (\d+) MB$", done.stdout, re.MULTILINE)
    assert int(peak_mb) < PEAK_MB
    print(
        f"{kind}: {count} mutations survived, {done.stdout.count('refused')} refused; "
        f"peak {peak_mb} MB"
    )


@pytest.mark.parametrize(("kind", "first", "count"), FEW)
def test_a_few_mutations_are_survived(kind: str, first: int, count: int, seeds: Path) -> None:
    """Of the models, 24 crashed XGBoost as the gauge loaded it, and 98 raised when it was asked."""
    survived(kind, first, count, seeds)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_mutations_are_survived(kind: str, seeds: Path) -> None:
    survived(kind, 0, MANY, seeds)
