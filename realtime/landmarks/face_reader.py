"""From a frame to the face and its 40 points: the one way, for the live gauge and for learning alike."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from realtime.core.messages import BoxSource, Face, Frame, Image, Landmarks
from realtime.core.tracing import FACES, LANDMARKS, NO_TRACING, Tracer
from realtime.faces.face_tracker import FaceTracker
from realtime.landmarks.aligned_crop import aligned_crop
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import LandmarkFit, LandmarkPredictor, dlib_box_of
from realtime.landmarks.quality import measure_quality

# Disagreement of a fit. Of 54 slow fades from a face to a background none kept its box at 0.018 or 0.02, and one in 24
# did at 0.022; 97 % of PEDFE's frames pass. The lower one: a number for what is no face is the worse error.
FACE_LIKE = 0.018


class FaceReader:
    """Follows one face and reads its points. Frames come in order; belongs to one thread. Loads 100 MB when made."""

    def __init__(
        self,
        tracker: FaceTracker | None = None,
        predictor: LandmarkPredictor | None = None,
        tracer: Tracer = NO_TRACING,
    ) -> None:
        self._follower = tracker or FaceTracker()
        self._predictor = predictor or LandmarkPredictor()
        self._spans = tracer
        self._shape: tuple[int, ...] = ()

    def warm_up(self) -> None:
        """Do once, on a black picture, what the first frame of a run would wait for."""
        black = np.zeros((360, 640), np.uint8)
        self._follower.warm_up(black)
        self._predictor.predict(black, (200.0, 60.0, 240.0, 240.0))

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """The face and its landmarks; no landmarks where the shape looks like no face, and neither once it is lost."""
        with self._spans.span(FACES, frame.index):
            gray = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
            if gray.shape != self._shape:  # what was followed lay in another picture
                self._follower.reset()
                self._shape = gray.shape
            face = self._follower.update(gray, frame.captured_at_s)
        if face is None:
            return None, None
        with self._spans.span(LANDMARKS, frame.index):
            return self._place(gray, face, frame)

    def _place(self, gray: Image, face: Face, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        fit = self._fit(gray, face)
        if fit.disagreement > FACE_LIKE:
            self._follower.mark_unsure()
            return (face if self._follower.tracking else None), None
        box = dlib_box_of(fit.points_px)
        self._follower.reseat(box)
        points = select_40_points(fit.points_px)
        patch = aligned_crop(gray, points)
        seen = Landmarks(
            points, frame.captured_at_s, frame.index, measure_quality(gray, points), patch
        )
        return replace(face, box_px=box), seen

    def _fit(self, gray: Image, face: Face) -> LandmarkFit:
        fit = self._predictor.predict(gray, face.box_px)
        if face.box_source is BoxSource.MOSSE:
            return fit
        return self._predictor.predict(
            gray, dlib_box_of(fit.points_px)
        )  # Haar's box is rough, the points' is not
