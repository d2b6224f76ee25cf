"""Detectors that find what a test says, and a video shown to a face tracker."""

from __future__ import annotations

import numpy as np

from realtime.faces.face_search import FaceSearch
from realtime.faces.face_tracker import LOST_AFTER_S, FaceTracker
from realtime.faces.haar_detector import UPRIGHT
from realtime.faces.hog_detector import ScoredBox
from realtime.faces.slow_detector import SlowAnswer

FRAME_S = 1 / 30
LOST_FRAMES = (
    round(LOST_AFTER_S / FRAME_S) + 1
)  # within which a loss is noticed, at 30 frames a second
EMPTY = np.full((360, 640), 120, np.uint8)


class TrackedVideo:
    """Passes pictures to a tracker at 30 frames a second, or with other steps."""

    def __init__(self, tracker: FaceTracker) -> None:
        self.tracker, self.at_s = tracker, 0.0

    def show(self, picture, step_s: float = FRAME_S):
        self.at_s += step_s
        return self.tracker.update(picture, self.at_s)


class ScriptedDetector:
    """Detector that finds the given boxes, in every view or in one, and lists its searches."""

    def __init__(self, *boxes, only=None) -> None:
        self.boxes, self.only, self.views, self.near_rolls = list(boxes), only, [], []

    def find(self, gray, view=UPRIGHT):
        self.views.append(view)
        return self.boxes if self.only in (None, view) else []

    def find_near(self, gray, near, roll_deg=0.0):
        self.near_rolls.append(roll_deg)
        return []


class BlindHog:
    def find(self, gray, long_side_px):
        return []


class SureHog:
    """HOG detector that sees a face in the middle of every patch."""

    def find(self, gray, long_side_px):
        side = long_side_px / 2
        return [ScoredBox((side / 2, side / 2, side, side), True)]


class ScriptedCnn:
    """CNN that sees the given box in every picture, and answers when it is told to."""

    def __init__(self, box=None, sure: bool = True) -> None:
        self.box, self.sure, self.asked, self.answers = box, sure, [], []

    def submit(self, picture, at_s) -> None:
        self.asked.append((picture, at_s))

    def answer(self) -> None:
        boxes = [ScoredBox(self.box, self.sure)] if self.box else []
        self.answers += [SlowAnswer(picture, at_s, boxes) for picture, at_s in self.asked]
        self.asked.clear()

    def take(self):
        answers, self.answers = self.answers, []
        return answers


def haar_alone(detector) -> FaceTracker:
    return FaceTracker(FaceSearch(detector, BlindHog(), ScriptedCnn()))


def cnn_alone(cnn) -> TrackedVideo:
    return TrackedVideo(FaceTracker(FaceSearch(ScriptedDetector(), BlindHog(), cnn)))


def middle(face):
    x, y, width, height = face.box_px
    return x + width / 2, y + height / 2
