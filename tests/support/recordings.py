"""Recordings of synthetic people, and short videos without a face, for tests of scoring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from calibrate.data.recording import SOURCES, ClipRecording
from calibrate.data.tracks import Track
from realtime.core.messages import BoxSource

CLEAR = (1e6, 128.0, 0.0, 0.0)


def recording_of(track: Track) -> ClipRecording:
    """Return a recording in which every frame shows the face of `track` clearly."""
    frames = len(track.times_s)
    low, high = track.points_px.min(axis=1), track.points_px.max(axis=1)
    return ClipRecording(
        track,
        track.times_s,
        np.concatenate((low, high - low), axis=1).astype(np.float64),
        np.full(frames, 100.0),
        np.full(frames, SOURCES.index(BoxSource.MOSSE), np.uint8),
        np.ones(frames, bool),
        np.tile(CLEAR, (frames, 1)),
        30.0,
    )


def of_one_person(track: Track) -> Track:
    """Return `track` as the recordings of a corpus have it: whose it is comes later."""
    return replace(track, clip=replace(track.clip, subject="person"))


def write_video(path: Path, seed: int, frames: int = 8) -> Path:
    """Write a small video of noise, another one for each `seed`."""
    rng = np.random.default_rng(seed)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (64, 48))
    for _ in range(frames):
        writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8))
    writer.release()
    return path
