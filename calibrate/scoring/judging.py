"""Judge the recordings of one person, each with what the person's other clips tell.

The person's neutral and bias come from the other clips without their labels, as in protocol `live`
of `calibrate report`; the judge is the live one, as with a profile saved from those clips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibrate.data.clip_onset import intensity_over_time, onset_to_apex
from calibrate.data.clips import DataError
from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.data.faces import face_in
from calibrate.data.recording import ClipRecording, RecordedReader, replay_recording
from calibrate.learning.clip_reader import ClipReader, ClipScorer
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.recognise import mismatches_by_tick
from calibrate.scoring.model import ENGINE, BundleModel
from calibrate.scoring.rows import ClipScore, Row
from realtime.core.messages import Contribution, Onset, State
from realtime.core.snapshot import RunVerdict
from realtime.person.saved_profile import SavedPerson
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.stages_from_bundle import EmotionChoice, emotion_networks
from realtime.verdict.booster import Score
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_fit import best_emotion
from realtime.verdict.emotion_judge import NEAR_HALF
from realtime.verdict.reading import Reading, make_verdict
from realtime.view.records.rows import verdict_row

LEAST_SHOWN = 0.005  # log odds: what would be written as 0.00
NOT_IN_TICKS = ("type", "age_ms")  # of a record's rows: there are no ages without a clock


@dataclass(frozen=True, slots=True, eq=False)
class JudgedClip:
    """Scores of a clip, and a row for each reading."""

    score: ClipScore
    ticks: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Forced:
    """Probability of the apex window, and what makes its score; None without a reading."""

    p_genuine: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Apex:
    """What the apex window of a clip gives."""

    forced: _Forced = _Forced()
    best_emotion: str | None = None
    times_s: tuple[float | None, float | None, float | None] = (None, None, None)
    onset: Onset | None = None
    edge_free: bool | None = None


class PersonJudge:
    """Judge of the clips of one person; `most_known` other clips are known at most.

    With one recording the person is a stranger.
    """

    def __init__(
        self, model: BundleModel, recordings: Sequence[ClipRecording], most_known: int
    ) -> None:
        self._model, self._recordings, self._most_known = model, recordings, most_known
        self._windows = _apex_windows(model, recordings)
        self._clip_of: dict[str, int] = {}
        if self._windows is not None:
            tracks = self._windows.data.tracks
            self._clip_of = {track.clip.name: i for i, track in enumerate(tracks)}
            self._reader = ClipReader(model, self._windows)
            self._scorer = ClipScorer(self._reader, model.boosters, model.classifier)

    def judge(self, recording: ClipRecording, choice: EmotionChoice) -> JudgedClip:
        """Return the scores of one of the person's recordings as the emotion in `choice`."""
        clip = self._clip_of.get(recording.track.clip.name)
        person, known, apex = None, 0, _Apex()
        if clip is not None:
            person, known, forced = self._forced(clip, choice.emotion)
            apex = self._apex(clip, forced, person)
        return self._judged(recording, choice, person, known, apex)

    def _forced(self, clip: int, emotion: str) -> tuple[SavedPerson | None, int, _Forced]:
        """Return what the others tell of the person, their number, and what the apex gives."""
        windows, model = self._windows, self._model
        assert windows is not None
        others = other_clips(windows.data, clip, self._most_known, model.seed)
        stats = windows.data.stats_from_clips(others)
        bias = self._reader.bias(others.tolist(), stats)
        scores = self._scorer.explained(self._reader.read(clip, stats, bias), emotion)
        forced = _forced_reading(model.calibrations[emotion], scores)
        if stats is None:
            return None, 0, forced
        face = face_in(windows.data.tracks[i] for i in others)
        person = SavedPerson(stats, model.bundle.sha256, *bias.mean, face=face)
        return person, len(others), forced

    def _apex(self, clip: int, forced: _Forced, person: SavedPerson | None) -> _Apex:
        windows, model = self._windows, self._model
        assert windows is not None
        networks = model.recogniser(windows, emotion_networks(model.bundle))
        best, stats = None, person.stats if person else None
        for mismatches in mismatches_by_tick(networks, clip, stats, model.classifier):
            best = best_emotion(mismatches)
        times_s, onset = _movement(model, windows, clip)
        return _Apex(forced, best, times_s, onset, not windows.touches_edge(clip))

    def _judged(
        self,
        recording: ClipRecording,
        choice: EmotionChoice,
        person: SavedPerson | None,
        known: int,
        apex: _Apex,
    ) -> JudgedClip:
        model = self._model
        spec = GaugeSpec(model.bundle, choice, ENGINE, person)
        gauge = spec.load(reader=RecordedReader(recording), models=model.models)
        ticks, probabilities = [], list[float]()
        silent = list[Reading]()
        for tick in replay_recording(recording, gauge):
            reading = gauge.read(tick)
            row = verdict_row(make_verdict(tick, reading, tick.read_at_s))
            ticks.append({key: row[key] for key in row if key not in NOT_IN_TICKS})
            if reading.score is not None:
                scaling = model.calibrations[choice.emotion]
                probabilities.append(scaling.p_genuine(reading.score))
            else:
                silent.append(reading)
        run = gauge.judge.run_verdict()
        state, reason = outcome(run, silent)
        onset_s, apex_s, offset_s = apex.times_s
        score = ClipScore(
            judged_as=choice.emotion,
            state=state,
            reason=reason,
            p_genuine=run.p_genuine if State(run.state).has_number else None,
            p_sd=float(np.std(probabilities)) if probabilities else None,
            p_forced=apex.forced.p_genuine,
            why=apex.forced.why,
            best_emotion=apex.best_emotion,
            onset_s=onset_s,
            apex_s=apex_s,
            offset_s=offset_s,
            onset=apex.onset,
            edge_free=apex.edge_free,
            judged_s=run.judged_s,
            face_share=recording.face_share,
            clear_share=self._clear_share(recording),
            known_clips=known,
            fps=recording.mean_hz or None,
        )
        return JudgedClip(score, tuple(ticks))

    def _clear_share(self, recording: ClipRecording) -> float | None:
        gate = self._model.gate
        clear = [not gate.poor_view(*view) for view in recording.qualities()]
        return float(np.mean(clear)) if clear else None


def stored_row(judged: JudgedClip, with_ticks: bool) -> dict[str, object]:
    """Return a judged clip as plain values."""
    row: Row = judged.score.row()
    return {"score": row, "ticks": list(judged.ticks) if with_ticks else []}


def _forced_reading(calibration: PlattScaling, scores: Sequence[Score]) -> _Forced:
    """Return the mean over the ticks' `scores`."""
    if not scores:
        return _Forced()
    mean = float(np.mean([score.log_odds for score in scores]))
    return _Forced(calibration.p_genuine(mean), why_text([score.contributions for score in scores]))


def why_text(by_tick: Sequence[Sequence[Contribution]]) -> str:
    """Return the mean contributions in log odds, largest first, such as "movement +0.41"."""
    names = [each.name for each in by_tick[0]]
    means = np.mean([[each.log_odds for each in tick] for tick in by_tick], axis=0)
    named = sorted(zip(means.tolist(), names, strict=True), key=lambda one: -abs(one[0]))
    return ", ".join(f"{name} {mean:+.2f}" for mean, name in named if abs(mean) >= LEAST_SHOWN)


def outcome(run: RunVerdict, silent: Sequence[Reading]) -> tuple[str, str]:
    """Return the state of a clip, and why it has no number; empty where it has one."""
    if run.p_genuine is None:
        reading = usual_silence(silent)
        return reading.state.value, reading.reason or reading.state.value
    return run.state, "" if State(run.state).has_number else NEAR_HALF


def usual_silence(silent: Sequence[Reading]) -> Reading:
    """Return the newest reading of the state that kept most readings from a number.

    Of several causes of that state the most frequent one counts. The last reading alone may be of
    another state: most clips end with a face at rest.
    """
    if not silent:
        return Reading(State.NO_FACE, "the clip has no frame")
    state = Counter(each.state for each in silent).most_common(1)[0][0]
    alike = [each for each in silent if each.state is state]
    cause = Counter(each.cause for each in alike).most_common(1)[0][0]
    return next(each for each in reversed(alike) if each.cause is cause)


def _apex_windows(model: BundleModel, recordings: Sequence[ClipRecording]) -> ApexWindows | None:
    """Return the apex windows of the clips that are long enough; None where none is."""
    try:
        tracks = [recording.track for recording in recordings]
        appearance, rest = model.population.sees_appearance, model.thresholds.rest
        data = Dataset.of(tracks, model.timing, appearance, rest)
    except DataError:
        return None
    return data.windows(model.population.movement_range)


def _movement(
    model: BundleModel, windows: ApexWindows, clip: int
) -> tuple[tuple[float | None, float | None, float | None], Onset | None]:
    """Return times of onset, apex and offset of the largest movement, and how the onset goes.

    The times are by the gate's thresholds. Onset or offset is None where the clip does not show it;
    all but the apex are None where the movement stays below the threshold.
    """
    data, movement_range = windows.data, model.population.movement_range
    neutral = data.stats_by_person()[str(data.subjects[clip])].neutral
    times_s, intensity = intensity_over_time(data, clip, neutral, movement_range)
    top = int(np.argmax(intensity))
    apex_s = float(times_s[top])
    if intensity[top] < model.gate.onset_threshold:
        return (None, apex_s, None), None
    before = np.flatnonzero(intensity[:top] < model.gate.onset_threshold)
    after = np.flatnonzero(intensity[top:] < model.gate.offset_threshold)
    onset_s = float(times_s[before[-1] + 1]) if len(before) else None
    offset_s = float(times_s[top + after[0]]) if len(after) else None
    onset = onset_to_apex(data.tracks[clip], apex_s, neutral, movement_range)
    return (onset_s, apex_s, offset_s), onset
