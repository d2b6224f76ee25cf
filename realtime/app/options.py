"""`Options`: the command line of one run, parsed and checked."""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

from realtime.app.suggestions import is_address
from realtime.capture.factory import SourceSpec
from realtime.capture.file_types import is_video, list_videos
from realtime.capture.live.address_secrets import fill_in_secrets
from realtime.capture.playback import (
    DEMO_NEUTRAL_AT_S,
    PlaybackRange,
    parse_number,
    parse_seconds,
    parse_size_px,
)
from realtime.core.errors import UsageError
from realtime.core.labels import ALL, ANY, AUTO, KERNEL
from realtime.core.output_pipe import STDOUT
from realtime.outputs.osc import OscAddress
from realtime.outputs.web.options import WebOptions
from realtime.runtime.gauge_spec import MOST_FACES

TRACE, REPORT = ".json", ".html"
GUIDE_EMOTION = "happiness"  # the easiest to feel at a camera
SMALLEST_MB = 0.1  # a few minutes of readings, in two files


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run; `bundle` None is the packaged one, `files` are replayed in turn.

    `record` takes the readings: a file, a FIFO, or `STDOUT`; `video` is a file for the annotated
    picture. `profile` turns profiling on; `trace` and `report` are files of it. `left_out` names
    what is not replayed of the folders, in one line; it is empty if everything is. `web` is
    where the web server listens.
    """

    source: SourceSpec
    files: tuple[Path, ...]
    emotion: str
    engine: str
    bundle: Path | None
    record: Path | None
    record_limit_mb: float | None
    video: Path | None
    profile: bool
    trace: Path | None
    report: Path | None
    headless: bool
    window: bool
    lossless: bool
    fast: bool
    debug: bool
    person: str | None = None
    learn: bool = False
    left_out: str = ""
    web: WebOptions | None = None
    osc: OscAddress | None = None
    lsl: str | None = None
    faces: int = 1
    landmarks: str = KERNEL
    tour: bool = False
    guide: bool = False
    neutral_at_s: float | None = None

    @property
    def records_to_stdout(self) -> bool:
        """Return whether standard output takes the record, and nothing else."""
        return self.record == STDOUT

    def __post_init__(self) -> None:
        if self.lsl == "":
            raise UsageError("--lsl: the name of the stream is empty. Use one such as --lsl gauge")
        if self.tour and not self.source.demo:
            raise UsageError("--tour explains the demo clip. Use it with --demo")
        if self.guide:
            self._check_guide()
        if self.neutral_at_s is not None and not (self.files or self.source.demo):
            raise UsageError(
                "--neutral-at is a time of a file. With a camera, press n while the face is at rest"
            )
        played = self.source.playback
        if self.neutral_at_s is not None and not played.from_s <= self.neutral_at_s < played.to_s:
            raise UsageError(
                f"--neutral-at is {self.neutral_at_s:g} s, outside the part that --from and --to "
                "play. Name a time inside it"
            )
        if not 1 <= self.faces <= MOST_FACES:
            raise UsageError(f"--faces is {self.faces}; want 1 to {MOST_FACES}")
        if self.faces > 1 and self.person is not None:
            raise UsageError(
                f"--person {self.person} expects one person, and --faces {self.faces} follows "
                "several. Leave one out"
            )
        if self.video is not None and self.fast:
            raise UsageError(
                f"--record {self.video} needs a picture, and --fast shows none. Leave one out"
            )
        several = len(self.files) > 1
        if several and self.source.playback.loop:
            count = len(self.files)
            raise UsageError(f"--loop never reaches the second of {count} files. Name one file")
        if several and self.record is not None and self.record.suffix == ".csv":
            raise UsageError(f"{self.record} holds one file's readings. Record several to a .jsonl")

    def _check_guide(self) -> None:
        """Raise `UsageError` where guided use lacks a person, a screen or one emotion."""
        hindrance = self.guide_hindrance(self.emotion)
        if hindrance:
            raise UsageError(f"--guide leads one person through two takes, and {hindrance}")

    def guide_hindrance(self, emotion: str) -> str:
        """Return why there is no guided use for `emotion`, now or later; empty where there is."""
        hindrances = {
            "--demo": (self.source.demo and not self.guide, "plays a drawn face"),
            "--tour": (self.tour, "has captions of its own. Leave one out"),
            "--headless": (self.headless, "shows nothing. Leave one out"),
            "--fast": (self.fast, "leaves no time for the prompts. Leave one out"),
            "--record -": (self.records_to_stdout, "takes the screen. Record to a file"),
            f"--faces {self.faces}": (self.faces > 1, "follows several people. Leave one out"),
            f"--replay of {len(self.files)} files": (
                len(self.files) > 1,
                "has no single person. Name one file",
            ),
            f"--emotion {emotion}": (
                emotion in (ANY, ALL, AUTO),
                "names no emotion to ask for. Use one such as happiness",
            ),
        }
        given = (f"{option} {why}" for option, (is_given, why) in hindrances.items() if is_given)
        return next(given, "")

    @staticmethod
    def of(options: argparse.Namespace) -> Options:
        """Return the checked options of a parsed command line; raises `UsageError`."""
        if options.recursive and not options.replay:
            raise UsageError("--recursive reads folders. Use it with --replay FOLDER")
        files, left_out = _files(options.replay or (), options.recursive)
        record, video = _kinds("--record", options.record or (), (".jsonl", ".csv"), ".mp4")
        trace, report = _kinds(
            "--profile", [Path(name) for name in options.profile or () if name], (TRACE,), REPORT
        )
        source = _source(options, files[0] if files else None)
        return Options(
            source=source,
            files=files,
            emotion=options.emotion or _default_emotion(options),
            engine=options.engine,
            bundle=options.bundle,
            record=record,
            record_limit_mb=_limit(options, record),
            video=video,
            profile=options.profile is not None,
            trace=trace,
            report=report,
            headless=options.headless,
            window=not options.headless and not options.no_window,
            lossless=options.lossless,
            fast=options.fast,
            debug=options.debug,
            person=options.person,
            learn=options.learn,
            left_out=left_out,
            web=_web(options),
            osc=None if options.osc is None else OscAddress.of(options.osc),
            lsl=options.lsl,
            faces=options.faces,
            landmarks=options.landmarks,
            tour=options.tour,
            guide=options.guide,
            neutral_at_s=_neutral_at_s(options, source.playback),
        )

    def of_file(self, path: Path) -> Options:
        """Return the same options for one of the files."""
        return replace(self, source=replace(self.source, replay=path), files=(path,))


def _default_emotion(options: argparse.Namespace) -> str:
    if options.demo:
        return "surprise"
    return GUIDE_EMOTION if options.guide else ANY


def _source(options: argparse.Namespace, replay: Path | None) -> SourceSpec:
    url = options.url
    if url is not None and not is_address(url) and (is_video(Path(url)) or os.path.exists(url)):
        raise UsageError(f"--url takes an address. Use --replay {url}")
    return SourceSpec(
        options.camera,
        replay,
        None if url is None else fill_in_secrets(url),
        options.demo,
        size_px=parse_size_px(options.size) if options.size else None,
        hz=parse_number("--rate", options.rate) if options.rate else None,
        stream=options.stream,
        playback=PlaybackRange(
            parse_seconds("--from", options.from_s) if options.from_s else 0.0,
            parse_seconds("--to", options.to_s) if options.to_s else math.inf,
            options.loop or _repeats_demo(options),
            parse_number("--speed", options.speed) if options.speed else 1.0,
        ),
    )


def _neutral_at_s(options: argparse.Namespace, played: PlaybackRange) -> float | None:
    """Return the time at which the face is at rest: the user's, or the demo's; None if unknown."""
    if options.neutral_at is not None:
        return parse_seconds("--neutral-at", options.neutral_at)
    inside = played.from_s <= DEMO_NEUTRAL_AT_S < played.to_s
    return DEMO_NEUTRAL_AT_S if options.demo and options.person is None and inside else None


def _repeats_demo(options: argparse.Namespace) -> bool:
    """Return whether the demo repeats until the user quits.

    A browser takes a while to open, and two takes of guided use are longer than the clip.
    """
    lasting = options.serve is not None or options.guide
    return bool(options.demo and lasting and not options.fast)


def _files(named: list[Path] | tuple[()], recursive: bool = False) -> tuple[tuple[Path, ...], str]:
    """Return the named videos and those in named folders, and a line about what is left out."""
    videos: list[Path] = []
    left_out = []
    for path in named:
        if not path.is_dir():
            videos.append(path)
            continue
        listing = list_videos(path, recursive)
        if not listing.videos:
            raise UsageError(_no_video(path, listing.left_out))
        videos.extend(listing.videos)
        left_out.append(listing.left_out)
    return tuple(videos), "; ".join(filter(None, left_out))


def _no_video(folder: Path, left_out: str) -> str:
    if left_out:
        return f"{folder} holds no video; {left_out}. Name a file or another folder"
    return f"{folder} is empty. Name a file or another folder"


def _kinds(
    option: str, named: list[Path] | tuple[()], first: tuple[str, ...], second: str
) -> tuple[Path | None, Path | None]:
    """Return the file with a suffix of `first` and the one with `second`; None where missing."""
    ones = [path for path in named if _suffix(path, first, second) in first]
    others = [path for path in named if _suffix(path, first, second) == second]
    for path in named:
        if path not in (*ones, *others):
            raise UsageError(
                f"{option} {path}: want a name that ends in {', '.join((*first, second))}"
            )
    if len(ones) > 1 or len(others) > 1:
        wanted = f"one of {' or '.join(first)} and one of {second}"
        raise UsageError(f"{option} names {len(named)} files; want {wanted}")
    return (ones[0] if ones else None), (others[0] if others else None)


def _suffix(path: Path, first: tuple[str, ...], second: str) -> str:
    """Return the suffix of a file; standard output, and a FIFO of any name, have that of data."""
    suffix = path.suffix.lower()
    known = suffix in (*first, second)
    return first[0] if path == STDOUT or (not known and path.is_fifo()) else suffix


def _web(options: argparse.Namespace) -> WebOptions | None:
    """Return where the web server listens; None without one."""
    given = {
        "--serve-token": options.serve_token is not None,
        "--serve-video": options.serve_video,
        "--serve-cert": options.serve_cert is not None,
        "--serve-key": options.serve_key is not None,
    }
    if options.serve is None:
        for option, is_given in given.items():
            if is_given:
                raise UsageError(f"{option} belongs to the web server. Add --serve PORT")
        return None
    return WebOptions.of(
        options.serve,
        options.serve_token,
        cert=options.serve_cert,
        key=options.serve_key,
        video=options.serve_video,
    )


def _limit(options: argparse.Namespace, record: Path | None) -> float | None:
    limit_mb: float | None = options.record_limit
    if limit_mb is None:
        return None
    if record is None:
        raise UsageError("--record-limit limits a record; name one with --record FILE")
    if record == STDOUT or record.is_fifo():
        raise UsageError(f"--record-limit limits a file, and --record {record} is a pipe")
    if not SMALLEST_MB <= limit_mb < float("inf"):
        raise UsageError(f"--record-limit is {limit_mb:g}; want {SMALLEST_MB:g} MB or more")
    return limit_mb
