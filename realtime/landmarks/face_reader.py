"""From a frame to the face and its 40 points, shared by the live gauge and training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from realtime.core.messages import BoxSource, Face, Frame, Image, Landmarks
from realtime.core.tracing import FACES, LANDMARKS, NO_TRACING, Tracer
from realtime.faces.face_tracker import FaceTracker
from realtime.landmarks.aligned_crop import crop_aligned_face
from realtime.landmarks.points40 import select_40_points
from realtime.landmarks.predictor import LandmarkFit, LandmarkPredictor, dlib_box_of
from realtime.landmarks.quality import measure_quality

# Largest disagreement of a face's fit. Of 54 slow fades from a face to a background none kept its
# box at 0.018 or 0.02, one in 24 did at 0.022; 97 % of PEDFE's frames pass. The lower value is used
# because a probability for a non-face is the worse error.
FACE_LIKE = 0.018


class FaceReader:
    """Tracker of one face and its points. Frames in order; owned by one thread; loads 100 MB."""

    def __init__(
        self,
        tracker: FaceTracker | None = None,
        predictor: LandmarkPredictor | None = None,
        tracer: Tracer = NO_TRACING,
    ) -> None:
        self._tracker = tracker or FaceTracker()
        self._predictor = predictor or LandmarkPredictor()
        self._tracer = tracer
        self._shape: tuple[int, ...] = ()

    def warm_up(self) -> None:
        """Run all steps once on a black picture, so that the first frame does not wait."""
        black = np.zeros((360, 640), np.uint8)
        self._tracker.warm_up(black)
        self._predictor.predict(black, (200.0, 60.0, 240.0, 240.0))

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Return face and landmarks; no landmarks if the shape is not face-like, none if lost."""
        with self._tracer.span(FACES, frame.index):
            gray = frame.gray
            if gray.shape != self._shape:  # the box belongs to another picture size
                self._tracker.reset()
                self._shape = gray.shape
            face = self._tracker.update(gray, frame.captured_at_s)
        if face is None:
            return None, None
        with self._tracer.span(LANDMARKS, frame.index):
            return self._read_landmarks(gray, face, frame)

    def _read_landmarks(
        self, gray: Image, face: Face, frame: Frame
    ) -> tuple[Face | None, Landmarks | None]:
        fit = self._fit(gray, face)
        if fit.disagreement > FACE_LIKE:
            self._tracker.mark_unsure()
            return (face if self._tracker.tracking else None), None
        box = dlib_box_of(fit.points_px)
        self._tracker.reseat(box)
        points = select_40_points(fit.points_px)
        crop = crop_aligned_face(gray, points)
        landmarks = Landmarks(
            points, frame.captured_at_s, frame.index, measure_quality(gray, points), crop
        )
        return replace(face, box_px=box), landmarks

    def _fit(self, gray: Image, face: Face) -> LandmarkFit:
        fit = self._predictor.predict(gray, face.box_px)
        if face.box_source is BoxSource.MOSSE:
            return fit
        # Haar's box is rough, the one from the points is accurate.
        return self._predictor.predict(gray, dlib_box_of(fit.points_px))
