"""Comparison of two clips of one person: the more genuine one, and how often that is right."""

from __future__ import annotations

import filecmp
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibrate.data.clips import Clip, DataError
from calibrate.data.dataset import longest_gapless_part
from calibrate.data.extract import track_clip
from calibrate.data.tracks import Track
from engines.bundle.bundle import Bundle
from realtime.core.labels import GENUINE
from realtime.motion.resample import WindowTiming

MIN_CERTAINTY = 0.55  # below it the pair is too close to call
TWO_PEOPLE = "note: these look like two people; calibrate compare expects one person"
SAME_VIDEO = "note: A and B are the same video; film two takes to compare"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Index (0 or 1) of the more genuine clip, the certainty, and whether both show one person.

    `same_video`: both files hold the same bytes.
    """

    more_genuine: int
    certainty: float
    same_person: bool
    same_video: bool = False


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """Share of pairs of a genuine and a fake clip that were ordered right, and its 95 % interval.

    Measured with the emotion given; with `any` it may be less.
    """

    right: float
    interval: tuple[float, float] | None = None

    @staticmethod
    def of(bundle: Bundle) -> PairAccuracy | None:
        """Return the figure of the bundle's report; None where that has none."""
        part = bundle.manifest
        for key in ("metrics", "knowing", "pairs"):
            if not isinstance(part.values.get(key), dict):
                return None
            part = part.section(key)
        if part.values.get("right") is None:
            return None
        known = all(part.values.get(end) is not None for end in ("low", "high"))
        interval = (part.number("low"), part.number("high")) if known else None
        return PairAccuracy(part.number("right"), interval)

    def line(self) -> str:
        """Return the figure as a line of text."""
        interval = ""
        if self.interval is not None:
            low, high = self.interval
            interval = f"; 95% interval {low:.0%} to {high:.0%}"
        return (
            "how often it is right: with people it had not seen and the emotion given, it picked "
            f"the genuine one of a genuine and a fake take in {self.right:.0%} of pairs (guessing: "
            f"50%{interval})"
        )


def compare_scores(scores: tuple[float, float], slope: float, same_person: bool) -> Comparison:
    """Compare the scores of one genuine and one fake clip: their difference gives the log odds."""
    log_odds = slope * (scores[0] - scores[1])
    certainty = 1 / (1 + math.exp(-min(abs(log_odds), 30)))
    return Comparison(int(log_odds < 0), certainty, same_person)


def lines(
    comparison: Comparison, names: tuple[str, str], accuracy: PairAccuracy | None = None
) -> list[str]:
    """Return the comparison as lines of text: what speaks against it, the answer, its accuracy."""
    notes = [] if comparison.same_person else [TWO_PEOPLE]
    if comparison.same_video:
        notes.append(SAME_VIDEO)
    name, certainty = names[comparison.more_genuine], comparison.certainty
    if comparison.same_video:
        answer = f"too close to call ({certainty:.0%})"
    elif certainty < MIN_CERTAINTY:
        answer = f"too close to call: {name} seems a little more genuine ({certainty:.0%})"
    else:
        answer = f"the more genuine of the two: {name} ({certainty:.0%} sure)"
    return [*notes, answer, *([] if accuracy is None else [accuracy.line()])]


def check_files(paths: Iterable[Path]) -> None:
    """Raise `DataError` that names every one of `paths` that is no file."""
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise DataError(f"there is no file {' and no file '.join(missing)}; check the path")


def same_video(a: Path, b: Path) -> bool:
    """Return whether both files hold the same bytes."""
    return filecmp.cmp(a, b, shallow=False)


def track_person(path: Path, emotion: str, timing: WindowTiming) -> Track:
    """Return the track of a video of the person; its label is a placeholder and unused.

    Raises `DataError` if the face is not visible for a whole window.
    """
    track = track_clip(Clip(path.stem, path, "person", emotion, GENUINE))
    face_s = float(np.ptp(longest_gapless_part(track).times_s)) if len(track.times_s) else 0.0
    if face_s < timing.min_window_s:
        raise DataError(
            f"{path} shows a face for only {face_s:.1f} s without a gap; want"
            f" {timing.min_window_s} s: use a longer clip"
        )
    return track
