"""The MOSSE tracker with its peak-to-sidelobe ratio (Bolme, Beveridge, Draper & Lui, CVPR 2010).

OpenCV has one, but hides its PSR, and the PSR is what tells a face from the place where a face was.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Box, Floats, Image

Spectrum = NDArray[np.complex64]

SIZE = 64  # of the template: any face is resampled to it, so a large one costs no more
AROUND = 1.6  # the template shows this many box sides: the face, and room to move in
SIGMA = 2.0  # of the wanted response, in template pixels
RATE = 0.125  # how much of the newest frame enters the filter (paper, section 3.3)
WARPS = 8  # random views of the first frame
GOOD_PSR = 8.0  # below this nothing is learned and the box stays (paper, section 3.5: 7 and less is occluded or lost)
SIDELOBE = 5  # the peak's own surroundings are 11 x 11
REGULAR = 1e-4  # keeps frequencies that the template lacks from being divided by nothing


class MosseTracker:
    """Follows one square-ish target through gray uint8 (h, w) pictures. Belongs to one thread.

    A frame is learned when the next one comes, at the place where `reseat` has put the box by then. So the filter stays
    centred on what the caller knows to be the face, instead of drifting with its own peaks.
    """

    def __init__(self) -> None:
        taper = np.hanning(SIZE).astype(np.float32)
        self._window = np.outer(taper, taper)
        offset = np.arange(SIZE, dtype=np.float32) - SIZE // 2
        bell = np.exp(-(offset**2) / (2 * SIGMA**2))
        self._wanted = _spectrum(np.outer(bell, bell))
        self._pending: Image | None = None
        self._centre = self._shape = (0.0, 0.0)

    def start(self, gray: Image, box: Box) -> None:
        """Begin to follow what is in `box`; equal calls give equal filters."""
        self.reseat(box)
        patch = self._patch(gray)
        views = [self._features(view) for view in (patch, *_warped(patch))]
        self._numerator = _mean([self._wanted * view.conj() for view in views])
        self._energy = _mean([view * view.conj() for view in views])
        self._pending = None

    def track(self, gray: Image) -> tuple[Box, float]:
        """Where the target is in the next picture, and the PSR: 15-100 on a face, below 7 once it is gone."""
        if self._pending is not None:
            self._learn(self._pending)
        features = self._features(self._patch(gray))
        response = _inverse(features * self._numerator / (self._energy + REGULAR * SIZE**2))
        (x, y), psr = _peak(response)
        if psr >= GOOD_PSR:
            template_px = self._side_px / SIZE
            self._centre = (self._centre[0] + x * template_px, self._centre[1] + y * template_px)
            self._pending = gray
        return self._box, psr

    def reseat(self, box: Box) -> None:
        """Put centre and size where the caller knows them to be; the filter is kept."""
        x, y, width, height = box
        self._centre, self._shape = (x + width / 2, y + height / 2), (width, height)

    def reject(self) -> None:
        """Do not learn the last picture: the caller doubts that it shows the target."""
        self._pending = None

    @property
    def _box(self) -> Box:
        (x, y), (width, height) = self._centre, self._shape
        return (x - width / 2, y - height / 2, width, height)

    @property
    def _side_px(self) -> int:
        return max(2, round(AROUND * max(self._shape)))

    def _learn(self, gray: Image) -> None:
        features = self._features(self._patch(gray))
        self._numerator += RATE * (self._wanted * features.conj() - self._numerator)
        self._energy += RATE * (features * features.conj() - self._energy)
        self._pending = None

    def _patch(self, gray: Image) -> Image:
        patch = cv2.getRectSubPix(gray, (self._side_px, self._side_px), self._centre)
        return np.asarray(
            cv2.resize(patch, (SIZE, SIZE), interpolation=cv2.INTER_AREA), dtype=np.uint8
        )

    def _features(self, patch: Image) -> Spectrum:
        """The spectrum of a template after log, zero mean, unit norm and cosine window (paper, section 3.1)."""
        light = np.log1p(patch.astype(np.float32))
        light -= light.mean()
        light /= light.std() + 1e-5
        return _spectrum(light * self._window)


def _spectrum(picture: Floats) -> Spectrum:
    return cv2.dft(picture, flags=cv2.DFT_COMPLEX_OUTPUT).view(np.complex64)[
        ..., 0
    ]  # half the time of numpy's rfft2


def _inverse(spectrum: Spectrum) -> Floats:
    parts = np.ascontiguousarray(spectrum).view(np.float32).reshape(SIZE, SIZE, 2)
    return np.asarray(cv2.idft(parts, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT), dtype=np.float32)


def _mean(spectra: list[Spectrum]) -> Spectrum:
    return np.asarray(np.mean(spectra, axis=0), dtype=np.complex64)


def _warped(patch: Image) -> list[Image]:
    """Small turns and zooms of the first template (paper, section 3.4), the same ones every time."""
    draw = np.random.default_rng(0)
    middle = (SIZE / 2 - 0.5, SIZE / 2 - 0.5)
    turns = [
        cv2.getRotationMatrix2D(middle, draw.uniform(-8, 8), draw.uniform(0.95, 1.05))
        for _ in range(WARPS)
    ]
    return [
        np.asarray(cv2.warpAffine(patch, turn, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE))
        for turn in turns
    ]


def _peak(response: Floats) -> tuple[tuple[float, float], float]:
    """How far the peak is from the middle, in template pixels and parts of them, and its PSR (paper, section 3.5)."""
    row, column = divmod(int(response.argmax()), SIZE)
    sidelobe = np.ones(response.shape, dtype=bool)
    sidelobe[
        max(0, row - SIDELOBE) : row + SIDELOBE + 1,
        max(0, column - SIDELOBE) : column + SIDELOBE + 1,
    ] = False
    rest = response[sidelobe]
    psr = float((response[row, column] - rest.mean()) / (rest.std() + 1e-9))
    x, y = column + _vertex(response[row], column), row + _vertex(response[:, column], row)
    return (x - SIZE // 2, y - SIZE // 2), psr


def _vertex(line: Floats, top: int) -> float:
    """Where between the pixels a parabola through the peak and its neighbours has its top, -0.5 to 0.5."""
    if not 0 < top < SIZE - 1:
        return 0.0
    before, peak, after = (float(value) for value in line[top - 1 : top + 2])
    bend = before - 2 * peak + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0
