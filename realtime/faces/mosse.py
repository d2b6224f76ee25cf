"""MOSSE tracker with its peak-to-sidelobe ratio (Bolme, Beveridge, Draper & Lui, CVPR 2010).

OpenCV's MOSSE hides its PSR, which separates a face from the background it has left.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Box, Floats, Image
from realtime.faces.pyramid import Gray
from realtime.faces.upright import cut_upright

Spectrum = NDArray[np.complex64]

SIZE = 64  # of the template; faces are resampled to it, so size does not affect cost
CONTEXT = 1.6  # template side in box sides: the face plus room to move
SIGMA = 2.0  # of the desired response, in template pixels
LEARNING_RATE = 0.125  # weight of the newest frame (paper, section 3.3)
WARPS = 8  # random views of the first frame
GOOD_PSR = 8.0  # below it: no update, box stays (paper, section 3.5: 7 or less is occluded or lost)
SIDELOBE = 5  # half-width of the 11 x 11 window around the peak
REGULARISATION = 1e-4  # avoids division by zero at frequencies missing from the template


class MosseTracker:
    """Tracker of one roughly square target in gray pictures or their pyramids. Owned by one thread.

    The filter learns a frame when the next one arrives, at the box that `reseat` has set by then.
    It thus stays centred on the caller's face box instead of drifting with its own peaks.
    """

    def __init__(self) -> None:
        taper = np.hanning(SIZE).astype(np.float32)
        self._window = np.outer(taper, taper)
        offset = np.arange(SIZE, dtype=np.float32) - SIZE // 2
        bell = np.exp(-(offset**2) / (2 * SIGMA**2))
        self._desired = _spectrum(np.outer(bell, bell))
        self._pending: Gray | None = None
        self._centre = self._shape = (0.0, 0.0)

    def start(self, gray: Gray, box: Box) -> None:
        """Start tracking the content of `box`; equal calls give equal filters."""
        self.reseat(box)
        patch = self._patch(gray)
        views = [self._features(view) for view in (patch, *_warped(patch))]
        self._numerator = _mean([self._desired * view.conj() for view in views])
        self._energy = _mean([view * view.conj() for view in views])
        self._pending = None

    def track(self, gray: Gray) -> tuple[Box, float]:
        """Return box and PSR in the next picture; 15-100 on a face, below 7 once it is gone."""
        if self._pending is not None:
            self._learn(self._pending)
        features = self._features(self._patch(gray))
        response = _inverse(features * self._numerator / (self._energy + REGULARISATION * SIZE**2))
        (x, y), psr = _peak(response)
        if psr >= GOOD_PSR:
            template_px = self._side_px / SIZE
            self._centre = (self._centre[0] + x * template_px, self._centre[1] + y * template_px)
            self._pending = gray
        return self._box, psr

    def reseat(self, box: Box) -> None:
        """Set centre and size of the target; the filter is unchanged."""
        x, y, width, height = box
        self._centre, self._shape = (x + width / 2, y + height / 2), (width, height)

    def reject(self) -> None:
        """Discard the pending update with the last picture, which may not show the target."""
        self._pending = None

    @property
    def _box(self) -> Box:
        (x, y), (width, height) = self._centre, self._shape
        return (x - width / 2, y - height / 2, width, height)

    @property
    def _side_px(self) -> float:
        return max(2.0, CONTEXT * max(self._shape))

    def _learn(self, gray: Gray) -> None:
        features = self._features(self._patch(gray))
        self._numerator += LEARNING_RATE * (self._desired * features.conj() - self._numerator)
        self._energy += LEARNING_RATE * (features * features.conj() - self._energy)
        self._pending = None

    def _patch(self, gray: Gray) -> Image:
        return cut_upright(gray, self._centre, 0.0, (SIZE, SIZE), SIZE / self._side_px).gray

    def _features(self, patch: Image) -> Spectrum:
        """Return the spectrum after log, zero mean, unit norm and cosine window (section 3.1)."""
        light = np.log1p(patch.astype(np.float32))
        light -= light.mean()
        light /= light.std() + 1e-5
        return _spectrum(light * self._window)


def _spectrum(picture: Floats) -> Spectrum:
    # half the time of numpy's rfft2
    return cv2.dft(picture, flags=cv2.DFT_COMPLEX_OUTPUT).view(np.complex64)[..., 0]


def _inverse(spectrum: Spectrum) -> Floats:
    parts = np.ascontiguousarray(spectrum).view(np.float32).reshape(SIZE, SIZE, 2)
    return np.asarray(cv2.idft(parts, flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT), dtype=np.float32)


def _mean(spectra: list[Spectrum]) -> Spectrum:
    return np.asarray(np.mean(spectra, axis=0), dtype=np.complex64)


def _warped(patch: Image) -> list[Image]:
    """Return small rotations and zooms of the first template (section 3.4), with a fixed seed."""
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
    """Return the peak's offset from the centre in template pixels, and PSR (section 3.5)."""
    row, column = divmod(int(response.argmax()), SIZE)
    sidelobe = np.ones(response.shape, np.uint8)
    sidelobe[
        max(0, row - SIDELOBE) : row + SIDELOBE + 1,
        max(0, column - SIDELOBE) : column + SIDELOBE + 1,
    ] = 0
    mean, deviation = (part.item() for part in cv2.meanStdDev(response, mask=sidelobe))
    psr = (float(response[row, column]) - mean) / (deviation + 1e-9)
    x = column + _subpixel_offset(response[row], column)
    y = row + _subpixel_offset(response[:, column], row)
    return (x - SIZE // 2, y - SIZE // 2), psr


def _subpixel_offset(line: Floats, top: int) -> float:
    """Return the vertex of a parabola through the peak and its neighbours, -0.5 to 0.5."""
    if not 0 < top < SIZE - 1:
        return 0.0
    before, peak, after = (float(value) for value in line[top - 1 : top + 2])
    bend = before - 2 * peak + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0
