"""Measure re-identification, on tracks or on a folder of videos.

    python -m calibrate.experiments.person_identity TRACKS.npz
    python -m calibrate.experiments.person_identity FOLDER -o TRACKS.npz [--jobs 2]

`TRACKS.npz` is what `calibrate extract` writes. In a FOLDER every video shows another person; its
tracks are written to `-o`, to be measured again without the videos.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

from calibrate.data.clips import Clip, DataError
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.extract import track_clip
from calibrate.data.tracks import Track, load_tracks, save_tracks
from calibrate.evaluation.person_change import person_change_metrics, sentences
from calibrate.parallel import run_tasks
from realtime.capture.file_types import list_videos
from realtime.core.errors import SourceError
from realtime.core.labels import ANY, GENUINE
from realtime.person.descriptor_process import DescriptorProcess
from realtime.person.face_chip import CHIP_PX
from realtime.person.face_network import FaceNetwork

CALLS = 20  # whose median is the time of one
PARTS = 4  # of a video that stands alone: each a clip of its person


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.person_identity",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("data", type=Path, help="tracks, or a folder of videos")
    parser.add_argument("-o", "--out", type=Path, help="where the tracks of a folder are written")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    tracks = load_tracks(chosen.data) if chosen.data.is_file() else _tracked(chosen)
    if len({track.clip.subject for track in tracks}) == len(tracks):
        tracks = [part for track in tracks for part in parts_of(track)]
    data = Dataset.of(tracks, LIVE)
    print(f"{len(np.unique(data.subjects))} people, {len(data)} clips")
    print("\n".join(sentences(person_change_metrics(data, chosen.seed))))
    for name, network in (("in this process", FaceNetwork()), ("in a child", DescriptorProcess())):
        print(f"one descriptor {name}: {call_ms(network.describe):.0f} ms")
        network.close()
    return 0


def parts_of(track: Track) -> list[Track]:
    """Return equal parts of a track that are as long as a window or longer, at most `PARTS`."""
    seconds = float(np.ptp(track.times_s)) if len(track.times_s) else 0.0
    count = max(1, min(PARTS, int(seconds / LIVE.window_s)))
    ends = np.linspace(0, len(track.times_s), count + 1).astype(int)
    return [track.part(slice(a, b)) for a, b in pairwise(ends)]


def call_ms(describe: Callable[[np.ndarray], object]) -> float:
    """Return the median time of one call, without the first."""
    chip = np.random.default_rng(0).integers(0, 256, (CHIP_PX, CHIP_PX)).astype(np.uint8)
    describe(chip)
    times = []
    for _ in range(CALLS):
        began_s = perf_counter()
        describe(chip)
        times.append(perf_counter() - began_s)
    return 1000 * float(np.median(times))


def _tracked(chosen: argparse.Namespace) -> list[Track]:
    paths = list_videos(chosen.data, False).videos if chosen.data.is_dir() else []
    clips = [Clip(path.stem, path, path.stem, ANY, GENUINE) for path in paths]
    if not clips:
        raise DataError(f"{chosen.data} holds no video; want tracks, or a folder of videos")
    found = [track for _, track in run_tasks(_track, clips, chosen.jobs) if track is not None]
    tracks = sorted(found, key=lambda track: track.clip.name)
    if chosen.out:
        save_tracks(chosen.out, tracks)
    return tracks


def _track(clip: Clip) -> Track | None:
    try:
        track = track_clip(clip)
    except SourceError as error:
        print(f"skipped {clip.name}: {error}", file=sys.stderr)
        return None
    return track if len(track.times_s) else None


if __name__ == "__main__":
    sys.exit(main())
