"""Where the CNN's faces come from: asked here and waited for, or in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from realtime.core.background import Background
from realtime.core.messages import Floats, Image
from realtime.faces.cnn_detector import SIDE_PX, CnnDetector, CnnRunner
from realtime.faces.hog_detector import ScoredBox, largest_first, reduced_to
from realtime.faces.pyramid import Pyramid

# Scores from which a box counts, and from which it holds a face even where its landmarks are
# unclear.
LEAST_SCORE, SURE_SCORE = 0.3, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class SlowAnswer:
    """Faces, largest first, in the picture that was asked about, and the time of that picture."""

    picture: Pyramid
    at_s: float
    boxes: list[ScoredBox]


class SlowDetector(Protocol):
    """Contract of a detector whose answer may come some frames later."""

    def submit(self, picture: Pyramid, at_s: float) -> bool:
        """Ask for the faces in a picture; return whether it replaced one before its turn."""
        ...

    def take(self) -> list[SlowAnswer]:
        """Return the answers so far, oldest first."""
        ...


class InlineDetector:
    """Detector asked in the calling thread: the same frames always give the same faces."""

    def __init__(self, network: CnnRunner | None = None) -> None:
        self._network = network or CnnDetector()
        self._answers: list[SlowAnswer] = []

    def submit(self, picture: Pyramid, at_s: float) -> bool:
        """Find the faces in a picture, which replaces none."""
        reduced, scale = reduced_to(picture, SIDE_PX)
        boxes = scored_boxes(self._network.detect(reduced), scale)
        self._answers.append(SlowAnswer(picture, at_s, boxes))
        return False

    def take(self) -> list[SlowAnswer]:
        """Return the answers so far, oldest first."""
        answers, self._answers = self._answers, []
        return answers


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    picture: Pyramid  # of the thread that asks: its levels are made when first needed
    at_s: float
    reduced: Image
    scale: float


class ThreadedDetector:
    """Detector asked in a thread that runs `run`; `submit` and `take` never wait.

    The newest picture wins.
    """

    def __init__(self, network: CnnRunner) -> None:
        self._network = network
        self._calls = Background(self._detect, network.close)

    def submit(self, picture: Pyramid, at_s: float) -> bool:
        """Hand a picture over; return whether it replaced one before its turn."""
        return self._calls.submit(_Asked(picture, at_s, *reduced_to(picture, SIDE_PX)))

    def take(self) -> list[SlowAnswer]:
        """Return the answers so far, oldest first."""
        return self._calls.take()

    def run(self) -> None:
        """Find faces until `close`; raises what the network raises."""
        self._calls.run()

    def close(self) -> None:
        """End `run` at once, and the network. Any thread."""
        self._calls.close()

    def _detect(self, asked: _Asked) -> SlowAnswer:
        boxes = scored_boxes(self._network.detect(asked.reduced), asked.scale)
        return SlowAnswer(asked.picture, asked.at_s, boxes)


def scored_boxes(found: Floats, scale: float) -> list[ScoredBox]:
    """Return the boxes (n, 5: x, y, width, height, score) of confidence, in full-size pixels."""
    return largest_first(
        [
            ScoredBox((x / scale, y / scale, width / scale, height / scale), score >= SURE_SCORE)
            for x, y, width, height, score in found.tolist()
            if score >= LEAST_SCORE
        ]
    )
