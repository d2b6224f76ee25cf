"""Enrolment of a person from their clips or at the camera, as a saved profile."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.data.clips import Clip, DataError, find_clips, labels_of
from calibrate.data.dataset import ApexWindows
from calibrate.data.extract import track_clip
from calibrate.data.faces import different_people, face_in
from calibrate.data.label_check import check_clips, listed
from calibrate.data.label_file import nearest
from calibrate.data.tracks import Track
from calibrate.data.usable_data import extracted_dataset, notes_on_short_clips
from calibrate.learning.calibration import fit_personal_offset
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import FittedModel, clip_scorer
from calibrate.metrics import Flags, Numbers
from calibrate.people.enrol_at_camera import EnrolmentGuide, run_enrolment
from engines.bundle.bundle import Bundle
from engines.errors import GaugeError
from realtime.capture.factory import SourceSpec, create_source
from realtime.capture.file_types import list_videos
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.core.labels import ANY, GENUINE
from realtime.person.descriptor_source import MIN_EYES_PX
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.verdict.calibration import PlattScaling

UNLABELLED = "any"


class EnrolmentCancelled(GaugeError):
    """Enrolment at the camera ended before it was complete."""


def lines(name: str, person: SavedPerson) -> list[str]:
    """Return the content of a saved profile as lines of text."""
    stats = person.stats
    calibration = (
        f"personal, from {person.labelled} labelled expressions"
        if person.personal_offset
        else "the population's: no expression was labelled"
    )
    return [
        f"{name}: numbers only, no picture",
        f"neutral face    80 numbers, from the equivalent of {stats.clips:.1f} clips",
        f"movement range  80 numbers, from {stats.expressions:.0f} expressions",
        f"person bias     {person.bias:+.2f}, over {person.bias_clips:.0f} expressions",
        f"calibration     {calibration}",
        f"face            {_face_line(person.face)}",
        f"learned with    bundle {person.bundle_sha256[:16]}",
    ]


def _face_line(face: KnownFace | None) -> str:
    if face is None:
        return "none: saved by an older version, which cannot recognise a person; enrol again"
    return f"{len(face.mean)} numbers, biometric data, from {face.count} descriptors"


def from_clips(
    folder: Path, bundle_folder: Path, labelled: bool = True, recursive: bool = False
) -> SavedPerson:
    """Enrol the person in the clips of `folder`; labels in `labels.csv` fit a personal calibration.

    Without labels, `recursive` includes the clips in folders of `folder`.
    Raises `DataError` if the clips show more than one person or no face.
    """
    has_labels = folder.is_dir() and labels_of(folder) is not None
    clips_found = find_clips(folder) if has_labels else _videos(folder, recursive)
    people = sorted({clip.subject for clip in clips_found})
    if len(people) != 1:
        raise DataError(
            f"{folder} shows {len(people)} people ({', '.join(people[:3])}); want clips of one"
        )
    model, timing, _ = reader.load_model(bundle_folder)
    if has_labels and labelled:
        _print_notes(_notes_on_labels(clips_found, model))
    tracks = _tracks(clips_found)
    data = extracted_dataset(tracks, timing, model.learned.population.sees_appearance)
    windows = model.learned.windows(data)
    _print_notes(_notes_on_clips(tracks, windows, model))
    clips, bundle = list(range(len(data))), Bundle.load(bundle_folder)
    stats = data.stats_from_clips(clips)
    assert stats is not None
    bias, bias_clips = ClipReader(model.learned, windows).bias(clips, stats).mean
    score, genuine = np.zeros(0), np.zeros(0, bool)
    if has_labels and labelled:
        score, genuine = _scores(model, windows, clips)
    offset = fit_personal_offset(score, genuine, _calibration(bundle, stats))
    face = face_in(tracks)
    if face is None:
        raise DataError(
            f"no face in {folder} is large enough to be recognised; want {MIN_EYES_PX:g} pixels or "
            "more between the outer corners of the eyes"
        )
    return SavedPerson(stats, bundle.sha256, bias, bias_clips, offset, len(score), face)


def from_camera(spec: SourceSpec, bundle_folder: Path, labelled: bool) -> SavedPerson:
    """Guide a person through enrolment at the camera or in a recorded session.

    Raises `EnrolmentCancelled` if the session ends before enrolment is complete.
    """
    bundle = Bundle.load(bundle_folder)
    gauge = GaugeSpec.of(bundle, ANY, "native").load()
    # A recorded session plays as fast as possible; a lost camera ends enrolment.
    source = create_source(spec, SystemClock(), fast=spec.finite, recovering=False)
    guide = EnrolmentGuide(labelled=labelled)
    try:
        run_enrolment(source, gauge, guide, _ChangedLines().show)
    except SourceError as lost:
        raise EnrolmentCancelled(f"{lost}; nothing is saved") from lost
    stats = gauge.motion.person.stats()
    if not guide.done or stats is None:
        raise EnrolmentCancelled(
            f"the session ended too early; nothing is saved. Still needed: {guide.needs()}"
        )
    score, genuine = guide.labelled_scores()
    offset = fit_personal_offset(score, genuine, _calibration(bundle, stats))
    face = gauge.motion.person.face
    return SavedPerson(stats, bundle.sha256, *gauge.judge.bias, offset, len(score), face)


def _calibration(bundle: Bundle, stats: PersonStats) -> PlattScaling:
    """Return the population's calibration for a person with as many known expressions."""
    emotion = bundle.manifest.section("emotions").section(ANY)
    return stages.emotion_calibration(emotion).at(round(stats.expressions))


def _scores(
    model: FittedModel, windows: ApexWindows, clips: Sequence[int]
) -> tuple[Numbers, Flags]:
    """Return the score and label of each clip, with the person stats of all other clips."""
    scorer, data = clip_scorer(model, windows), windows.data
    emotions = [e if e in model.boosted else ANY for e in data.emotions.tolist()]
    ticks = {clip: scorer.scores(clip, emotions[clip], len(clips)) for clip in clips}
    scored = [clip for clip in clips if ticks[clip]]
    return np.array([np.mean(ticks[clip]) for clip in scored]), data.genuine[scored]


def _notes_on_labels(clips: Sequence[Clip], model: FittedModel) -> Iterator[str]:
    """Yield notes on missing files and on labels that say less than they could."""
    emotions = sorted({clip.emotion for clip in clips})
    yield from check_clips(clips)
    for emotion in emotions:
        if emotion not in model.boosted:
            meant = nearest(emotion, list(model.boosted))
            yield (
                f"{emotion}: the bundle has no such emotion, so any emotion's scores are used"
                + (f"; did you mean {meant}?" if meant else "")
            )


def _notes_on_clips(
    tracks: Sequence[Track], windows: ApexWindows, model: FittedModel
) -> Iterator[str]:
    data = windows.data
    yield from notes_on_short_clips(tracks, data)
    other = [data.tracks[i].clip.name for i in different_people(data.tracks)]
    if other:
        yield f"{listed(other)}: seems to show a different person than the other clips"


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _videos(folder: Path, recursive: bool) -> list[Clip]:
    """Return the videos of `folder` as clips; their label is a placeholder and unused."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; want one that holds the person's videos")
    listing = list_videos(folder, recursive)
    if not listing.videos:
        raise DataError(f"no video in {folder}; {listing.left_out or 'it is empty'}")
    _print_notes([listing.left_out] if listing.left_out else [])
    return [
        Clip(_clip_name(path, folder), path, "person", UNLABELLED, GENUINE)
        for path in listing.videos
    ]


def _clip_name(path: Path, folder: Path) -> str:
    """Return the path below `folder` as a name, so that two clips never share one."""
    return "_".join(path.relative_to(folder).with_suffix("").parts)


def _tracks(clips: Sequence[Clip]) -> list[Track]:
    tracks: list[Track] = []
    for number, clip in enumerate(clips, start=1):
        print(f"\r{number} of {len(clips)} clips", end="", file=sys.stderr, flush=True)
        try:
            track = track_clip(clip)
        except SourceError as error:
            print(f"\nskipped {clip.name}: {error}", file=sys.stderr)
            continue
        if len(track.times_s):
            tracks.append(track)
        else:
            print(f"\nskipped {clip.name}: no face in {track.frames} frames", file=sys.stderr)
    print(file=sys.stderr)
    if not tracks:
        raise DataError(
            f"none of {len(clips)} clips shows a face; use clips of a face that looks at the camera"
        )
    return tracks


class _ChangedLines:
    """Output that prints a line only if it differs from the last one."""

    def __init__(self) -> None:
        self._last = ""

    def show(self, line: str) -> None:
        """Print `line` unless it is the last one again."""
        if line != self._last:
            self._last = line
            print(line, flush=True)
