"""What is read of a face beside its landmarks: the expression read-out and the appearance.

The read-out says how much of each facial action a frame shows, such as a smile.

A small network maps HOG and landmarks of one frame to the values that a teacher, MediaPipe's Face
Landmarker, gives the same frame (`calibrate.learning.frames.expression`). It knows nothing of the
person.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from realtime.core.messages import Expression, Floats
from realtime.faces.pyramid import Gray
from realtime.landmarks.appearance import AppearanceBasis
from realtime.landmarks.expression_features import FEATURES, HOG_VALUES, measure_face


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionNetwork:
    """Network with one hidden layer of H rectified units and an output for each of `names`.

    `hidden` (H, F + 1) and `output` (n, H + 1) are float32 and hold their biases last.
    """

    names: tuple[str, ...]
    hidden: Floats
    output: Floats

    def __post_init__(self) -> None:
        want = (len(self.hidden), FEATURES + 1), (len(self.names), len(self.hidden) + 1)
        if (self.hidden.shape, self.output.shape) != want or not self.names:
            found = f"{self.hidden.shape} and {self.output.shape}"
            raise ValueError(f"layers have shapes {found}; want {want[0]} and {want[1]}")
        if len({*self.names}) != len(self.names):
            raise ValueError(f"names are {', '.join(self.names)}; want each once")

    @property
    def digest(self) -> str:
        """Start of the SHA-256 of the names and both layers: what reads alike has the same."""
        parts = (repr(self.names).encode(), self.hidden.tobytes(), self.output.tobytes())
        return sha256(b"".join(parts)).hexdigest()[:16]

    def evaluate(self, features: Floats) -> Floats:
        """Return the values float32 (..., n) from 0 to 1 of features (..., F)."""
        hidden = features @ self.hidden[:, :-1].T + self.hidden[:, -1]
        values = np.maximum(hidden, 0) @ self.output[:, :-1].T + self.output[:, -1]
        return np.asarray(np.clip(values, 0, 1), np.float32)


class ExpressionReader:
    """Reads expression and appearance in one picture; holds nothing of it. Any thread may call it.

    It reads what it is given a `network` and a `basis` for.
    """

    def __init__(
        self, network: ExpressionNetwork | None = None, basis: AppearanceBasis | None = None
    ) -> None:
        self._network, self._basis = network, basis

    def read(self, gray: Gray, points68_px: Floats) -> tuple[Expression | None, Floats | None]:
        """Return read-out and appearance (32,) at points (68, 2) of a picture uint8 (h, w), or its
        pyramid.
        """
        features = measure_face(gray, points68_px)
        expression = appearance = None
        if self._network is not None:
            expression = Expression(self._network.names, self._network.evaluate(features))
        if self._basis is not None:
            appearance = self._basis.measure(features[:HOG_VALUES])
        return expression, appearance
