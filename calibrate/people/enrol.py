"""`calibrate personal`: get to know somebody who wants it, save them by name, show what is saved, and forget them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.data.clips import VIDEOS, Clip, DataError, find_clips
from calibrate.data.dataset import Dataset
from calibrate.data.extract import track_clip
from calibrate.data.tracks import Track
from calibrate.learning.fit import ClipReader, ClipScorer, FittedModel
from calibrate.metrics import Flags, Numbers
from calibrate.people.enrol_at_camera import EnrolmentGuide, enrol_at_camera
from calibrate.people.same_person import different_people
from engines.bundle.bundle import DEFAULT, Bundle
from engines.errors import GaugeError
from realtime.capture.factory import SourceSpec, create_source
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError, UsageError
from realtime.core.labels import ANY, GENUINE
from realtime.person import saved_profile
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling

# How far one person's shift and log slope lie from the population's: held tightly, for a person gives few clips. Not
# yet learned from data.
SHIFT_SPREAD, SLOPE_SPREAD = 0.5, 0.25
UNLABELLED = "any"


class EnrolmentCancelled(GaugeError):
    """A session at the camera ended before enough was seen, or its user left it."""


def enrol(options: argparse.Namespace) -> None:
    """Save, list, show or delete somebody."""
    asked = [options.name, options.show, options.delete, options.list or None]
    if sum(one is not None for one in asked) != 1:
        raise UsageError("want one of NAME, --list, --show NAME and --delete NAME")
    if options.list:
        print(
            "\n".join(saved_profile.saved_names()) or f"nobody is saved in {saved_profile.folder()}"
        )
    elif options.show is not None:
        print("\n".join(lines(options.show, saved_profile.load(options.show))))
    elif options.delete is not None:
        saved_profile.delete(options.delete)
        print(f"{options.delete} is forgotten")
    else:
        _save(options.name, options)


def _save(name: str, options: argparse.Namespace) -> None:
    path = saved_profile.path_of(name)
    saved_profile.check_writable()
    if path.exists():
        raise UsageError(
            f"{name} is saved already; forget them first with calibrate personal --delete {name}"
        )
    folder = options.bundle or DEFAULT
    try:
        found = (
            from_clips(options.clips, folder, options.unlabelled)
            if options.clips
            else _from_camera(options, folder)
        )
    except KeyboardInterrupt:
        raise EnrolmentCancelled(
            "you left; nothing is saved. The same command begins anew"
        ) from None
    saved_profile.save(name, found)
    print("\n".join([f"saved in {path}", *lines(name, found)]))


def lines(name: str, person: SavedPerson) -> list[str]:
    """What is in a saved profile, for people."""
    known = person.stats
    own = (
        f"{person.labelled} expressions told felt or posed"
        if person.personal_offset
        else "none: nothing was told felt or posed"
    )
    return [
        f"{name}: numbers only, no picture",
        f"neutral face  80 numbers, from as much as {known.clips:.1f} clips",
        f"range         80 numbers, from {known.expressions:.0f} expressions",
        f"usual score   {person.bias:+.2f}, over {person.bias_clips:.0f} expressions",
        f"own map       {own}",
        f"learned with  bundle {person.bundle_sha256[:16]}",
    ]


def from_clips(folder: Path, bundle: Path, unlabelled: bool = False) -> SavedPerson:
    """Somebody as their clips show them; with labels in `labels.csv` their own map is fitted, unless `unlabelled`."""
    listed = (folder / "labels.csv").exists()
    tracks = _tracks(find_clips(folder) if listed else _videos(folder))
    people = sorted({track.clip.subject for track in tracks})
    if len(people) != 1:
        raise DataError(
            f"{folder} shows {len(people)} people ({', '.join(people[:3])}); want clips of one"
        )
    model, timing, _ = reader.load_model(bundle)
    data = Dataset.of(tracks, timing)
    for short in sorted(
        {track.clip.name for track in tracks} - {track.clip.name for track in data.tracks}
    ):
        print(f"left out {short}: no face for {timing.min_window_s} s on end", file=sys.stderr)
    for clip in different_people(
        data.ranged(model.learned.population.movement_range), model.learned.population
    ):
        print(
            f"note: {data.tracks[clip].clip.name} seems to show somebody else than the other clips",
            file=sys.stderr,
        )
    clips, loaded = list(range(len(data))), Bundle.load(bundle)
    known = data.stats_from_clips(clips)
    assert known is not None
    level, count = ClipReader(model.learned, data).level(clips, known).mean
    score, told = (
        _scores(model, data, clips)
        if listed and not unlabelled
        else (np.zeros(0), np.zeros(0, bool))
    )
    return SavedPerson(
        known,
        loaded.sha256,
        level,
        count,
        fit_personal_offset(score, told, _usual(loaded, known)),
        len(score),
    )


def _usual(bundle: Bundle, known: PersonStats) -> PlattScaling:
    """Everybody's map, for somebody of whom as much is known."""
    return stages.calibration(bundle.manifest.section("emotions").section(ANY)).at(
        round(known.expressions)
    )


def fit_personal_offset(
    score: Numbers, genuine: Flags, usual: PlattScaling
) -> tuple[float, float] | None:
    """How far the log slope and the shift of one person's probability are from the `usual` ones, drawn to them.

    None without a label.
    """
    from scipy.optimize import minimize

    if not len(score):
        return None
    sign = np.where(genuine, 1.0, -1.0)

    def cost(moved: Numbers) -> float:
        """`moved` is in the spreads of people."""
        slope, shift = (
            usual.slope * np.exp(SLOPE_SPREAD * moved[0]),
            usual.intercept + SHIFT_SPREAD * moved[1],
        )
        return float(np.logaddexp(0, -sign * (slope * score + shift)).sum() + 0.5 * moved @ moved)

    moved = minimize(
        cost, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10}
    ).x
    return float(SLOPE_SPREAD * moved[0]), float(SHIFT_SPREAD * moved[1])


def _scores(model: FittedModel, data: Dataset, clips: Sequence[int]) -> tuple[Numbers, Flags]:
    """The score of each clip by a gauge that knows the person from all others, and whether it was felt."""
    scorer = ClipScorer(model, data)
    emotions = [e if e in model.boosted else ANY for e in data.emotions.tolist()]
    ticks = {clip: scorer.scores(clip, emotions[clip], len(clips)) for clip in clips}
    seen = [clip for clip in clips if ticks[clip]]
    return np.array([np.mean(ticks[clip]) for clip in seen]), data.genuine[seen]


def _videos(folder: Path) -> list[Clip]:
    """Clips without a label; the one that stands there is read by nobody."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; want one that holds the person's videos")
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in VIDEOS)
    if not found:
        raise DataError(f"no video in {folder}; want files that end in {', '.join(sorted(VIDEOS))}")
    return [Clip(path.stem, path, "person", UNLABELLED, GENUINE) for path in found]


def _tracks(clips: Sequence[Clip]) -> list[Track]:
    tracks: list[Track] = []
    for number, clip in enumerate(clips, start=1):
        print(f"\r{number} of {len(clips)} clips", end="", file=sys.stderr, flush=True)
        try:
            track = track_clip(clip)
        except SourceError as error:
            print(f"\nleft out {clip.name}: {error}", file=sys.stderr)
            continue
        if len(track.times_s):
            tracks.append(track)
        else:
            print(f"\nleft out {clip.name}: no face in {track.frames} frames", file=sys.stderr)
    print(file=sys.stderr)
    if not tracks:
        raise DataError(
            f"none of {len(clips)} clips shows a face; take clips of a face that looks at the camera"
        )
    return tracks


def _from_camera(options: argparse.Namespace, folder: Path) -> SavedPerson:
    """Lead somebody through it at the camera; broken off, nothing is saved."""
    from realtime.landmarks.face_reader import FaceReader

    bundle = Bundle.load(folder)
    judge = stages.judge(bundle, stages.choose_emotion(bundle, ANY), "native")
    judge.warm_up()
    spec = SourceSpec(camera=options.camera, replay=options.replay)
    # Nobody waits for a recorded session's own pace, nor for a camera that may come back.
    source = create_source(spec, SystemClock(), fast=spec.finite, recovering=False)
    motion = stages.motion(bundle)
    guide = EnrolmentGuide(labelled=not options.unlabelled)
    try:
        enrol_at_camera(source, FaceReader(), motion, judge, guide, _say())
    except SourceError as lost:
        raise EnrolmentCancelled(f"{lost}; nothing is saved") from lost
    known = motion.person.stats()
    if not guide.done or known is None:
        raise EnrolmentCancelled(
            f"the session ended too early; nothing is saved. Still needed: {guide.needs()}"
        )
    score, told = guide.told()
    return SavedPerson(
        known,
        bundle.sha256,
        *judge.bias,
        fit_personal_offset(score, told, _usual(bundle, known)),
        len(score),
    )


def _say() -> Callable[[str], None]:
    """Prints a line when it is another one than before."""
    said = [""]

    def say(line: str) -> None:
        if line != said[0]:
            said[0] = line
            print(line, flush=True)

    return say
