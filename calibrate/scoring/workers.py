"""What a worker does with one task of a scoring run. Nothing but files under the store is shared.

Each returns why a clip gave nothing, or "". Errors of the store (a full disk) are raised.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from calibrate.data.clips import Clip
from calibrate.data.recording import ClipRecording, record_clip
from calibrate.scoring.judging import PersonJudge, stored_row
from calibrate.scoring.model import ENGINE, model_of
from calibrate.scoring.plan import JudgeTask, RecordTask, ScoreOptions, judged_emotion
from calibrate.scoring.work_store import WorkStore
from realtime.capture.video_file import VideoFile
from realtime.core.clock import SystemClock
from realtime.core.errors import SourceError
from realtime.core.labels import ANY, GENUINE
from realtime.runtime.gauge_spec import GaugeSpec

PERSON = "person"  # of every recording: whose it is, is decided when it is judged


def record_file(task: RecordTask, store: WorkStore, options: ScoreOptions) -> str:
    """Record a file, unless it was recorded before."""
    if store.recording(task.key).exists():
        return ""
    recording = _recorded(task.path, task.key, options)
    if isinstance(recording, str):
        return recording
    store.save_recording(task.key, recording)
    return ""


def judge_clips(task: JudgeTask, store: WorkStore, options: ScoreOptions) -> str:
    """Judge the clips of a person, unless they were judged before."""
    if not task.clips or store.has_scores(task.key):
        return ""
    keys = sorted({key for key, _ in task.clips})
    if task.path is None:
        recordings = {key: store.load_recording(key) for key in keys}
    else:
        found = _recorded(task.path, keys[0], options)
        if isinstance(found, str):
            return found
        recordings = {keys[0]: found}
    store.save_scores(task.key, _judged(task, recordings, options))
    return ""


def _recorded(path: Path, key: str, options: ScoreOptions) -> ClipRecording | str:
    """Return the recording of a file, or why there is none."""
    try:
        source = VideoFile(path, paced=False, clock=SystemClock())
        clip = Clip(key, path, PERSON, ANY, GENUINE)  # the label is a placeholder and unused
        model = model_of(options.bundle)
        gauge = _spec(options.bundle).load(models=model.models)
        return record_clip(clip, source, gauge)
    except SourceError as error:
        return str(error)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # one damaged clip must not end the work on all others
        return f"{path} cannot be read: {type(error).__name__}: {error}"


def _judged(
    task: JudgeTask, recordings: dict[str, ClipRecording], options: ScoreOptions
) -> dict[str, Any]:
    model = model_of(options.bundle)
    judge = PersonJudge(model, list(recordings.values()), options.most_known)
    scores: dict[str, Any] = {}
    for key, asked in task.clips:
        judged = judge.judge(recordings[key], judged_emotion(model.bundle, asked))
        scores.setdefault(key, {})[asked] = stored_row(judged, options.with_ticks)
    return scores


@cache
def _spec(folder: Path) -> GaugeSpec:
    return GaugeSpec.of(model_of(folder).bundle, ANY, ENGINE)
