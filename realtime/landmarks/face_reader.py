"""From a frame to the face and its 40 points, shared by the live gauge and training."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from realtime.core.messages import Box, BoxSource, Expression, Face, Floats, Frame, Landmarks
from realtime.core.tracing import FACES, LANDMARKS, NO_TRACING, Tracer
from realtime.faces.face_tracker import FaceTracker
from realtime.faces.pyramid import Gray, Pyramid
from realtime.faces.slow_search import SlowSearch
from realtime.landmarks.aligned_crop import crop_aligned_face
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import LandmarkFit, LandmarkPredictor, dlib_box_of
from realtime.landmarks.quality import measure_quality
from realtime.landmarks.roll import head_roll_deg, roll_to_undo

# Largest disagreement of a face's fit. Of 54 slow fades from a face to a background none kept its
# box at 0.018 or 0.02, one in 24 did at 0.022; 97 % of PEDFE's frames pass. The lower value is used
# because a probability for a non-face is the worse error.
FACE_LIKE = 0.018
# The same for what Haar's cascade finds in a whole picture, where it finds hair and blobs, too: of
# 63 finds on 100 pictures of blobs one passed. The 5 % of true faces beyond it must be seen by HOG.
SURE_FACE = 0.006
# The same while a detector is sure of the face: glasses and lifted chins lie between.
SEEN_FACE = 0.03
# A detected face whose fit disagrees more than `SURE_FACE` is fitted with other rolls, too.
OTHER_ROLLS_DEG = (-30.0, 30.0, -60.0, 60.0)


class ExpressionSource(Protocol):
    """What reads expression and appearance of a face in a picture (`ExpressionReader`)."""

    def read(self, gray: Gray, points68_px: Floats) -> tuple[Expression | None, Floats | None]:
        """Return the read-out and the appearance at points (68, 2) of a picture."""


class FaceReader:
    """Tracker of one face and its points. Frames in order; owned by one thread; loads 100 MB."""

    def __init__(
        self,
        tracker: FaceTracker | None = None,
        predictor: LandmarkPredictor | None = None,
        tracer: Tracer = NO_TRACING,
        expressions: ExpressionSource | None = None,
    ) -> None:
        """Read expression and appearance, too, if `expressions` are given."""
        self._tracker = tracker or FaceTracker()
        self._predictor = predictor or LandmarkPredictor()
        self._tracer = tracer
        self._expressions = expressions
        self._shape: tuple[int, ...] = ()

    @property
    def slow_search(self) -> SlowSearch:
        """The search by the CNN, whose detector a live run replaces."""
        return self._tracker.search.slow

    def load_detectors(self) -> None:
        """Load the detectors that are otherwise loaded when a frame first needs them."""
        self._tracker.search.load()

    def warm_up(self) -> None:
        """Run all steps once on a black picture, so that the first frame does not wait."""
        black = np.zeros((360, 640), np.uint8)
        self._tracker.warm_up(black)
        self._predictor.predict(black, (200.0, 60.0, 240.0, 240.0))

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Return face and landmarks; no landmarks if the shape is not face-like, none if lost."""
        return self.read_in(Pyramid(frame.gray), frame)

    def read_in(self, gray: Pyramid, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Do the same with the frame's pyramid, which several readers may share."""
        with self._tracer.span(FACES, frame.index):
            if gray.shape != self._shape:  # the box belongs to another picture size
                self._tracker.reset()
                self._shape = gray.shape
            face = self._tracker.update(gray, frame.captured_at_s)
        if face is None:
            return None, None
        with self._tracer.span(LANDMARKS, frame.index):
            return self._read_landmarks(gray, face, frame)

    @property
    def following(self) -> bool:
        """Whether a face was there in the last frame, or not long before."""
        return self._tracker.tracking

    def reset(self) -> None:
        """Follow no face until one is found."""
        self._tracker.reset()

    def _read_landmarks(
        self, gray: Pyramid, face: Face, frame: Frame
    ) -> tuple[Face | None, Landmarks | None]:
        fit = self._fit(gray, face)
        if not self._is_face(gray, face, fit):
            self._tracker.mark_unsure()
            return (face if self._tracker.tracking else None), None
        points, roll_deg = _points_and_roll(fit)
        box = dlib_box_of(fit.points_px, roll_deg)
        self._tracker.reseat(box, roll_deg)
        quality, crop = (measure_quality(gray, points, roll_deg), crop_aligned_face(gray, points))
        read = self._expressions.read(gray, fit.points_px) if self._expressions else (None, None)
        landmarks = Landmarks(points, frame.captured_at_s, frame.index, quality, crop, *read)
        return replace(face, box_px=box), landmarks

    def _is_face(self, gray: Pyramid, face: Face, fit: LandmarkFit) -> bool:
        """Return whether the points agree well enough for what is known of the face."""
        if self._tracker.seen:
            return fit.disagreement <= SEEN_FACE
        detected = face.box_source is not BoxSource.MOSSE
        if fit.disagreement > FACE_LIKE or not (detected and self._tracker.doubtful):
            return fit.disagreement <= FACE_LIKE
        return fit.disagreement <= SURE_FACE or self._hog_sees(gray, fit)

    def _hog_sees(self, gray: Pyramid, fit: LandmarkFit) -> bool:
        _, roll_deg = _points_and_roll(fit)
        box = dlib_box_of(fit.points_px, roll_deg)
        return bool(self._tracker.search.search_near_by_hog(gray, box, roll_deg))

    def _fit(self, gray: Pyramid, face: Face) -> LandmarkFit:
        roll_deg = self._tracker.roll_deg
        if face.box_source is BoxSource.MOSSE:
            return self._predictor.predict(gray, face.box_px, roll_deg)
        fit = self._fit_twice(gray, face.box_px, roll_deg)
        if fit.disagreement <= SURE_FACE:
            return fit
        # The detector may have seen a head with another roll than the one it was asked for.
        others = [self._fit_twice(gray, face.box_px, roll_deg + turn) for turn in OTHER_ROLLS_DEG]
        return min(fit, *others, key=lambda fit: fit.disagreement)

    def _fit_twice(self, gray: Pyramid, box: Box, roll_deg: float) -> LandmarkFit:
        """Fit in a detector's box and roll, which are rough, then in those from the points."""
        fit = self._predictor.predict(gray, box, roll_deg)
        _, roll_deg = _points_and_roll(fit)
        return self._predictor.predict(gray, dlib_box_of(fit.points_px, roll_deg), roll_deg)


def _points_and_roll(fit: LandmarkFit) -> tuple[Floats, float]:
    """Return the 40 points of a fit, and the roll to undo in the next one."""
    points = select_40_points(fit.points_px)
    return points, roll_to_undo(head_roll_deg(points))
