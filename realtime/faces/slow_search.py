"""When the CNN detector is asked, by media time, and which of its answers still count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from realtime.faces.cnn_detector import SIDE_PX, SMALLEST_PX
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import InlineDetector, SlowAnswer, SlowDetector

AFTER_S = 0.1  # from a loss to the first question: the other detectors come first
EVERY_S = 1.0  # between two questions, at least; so often while only the CNN sees the face
SLOWER, SLOWEST_S = 2.0, 8.0  # factor of the wait after each question in vain, and the longest wait
OLDEST_S = 4.0  # age of the picture of an answer that still counts
NEWER_PICTURE, OUTDATED = "newer_picture", "outdated"  # why a question gave no answer that counts


class SlowSearch:
    """Schedule of a `SlowDetector`. Owned by one thread.

    `unused` counts by reason the questions without an answer that counts: a newer picture replaced
    theirs before its turn, or it is too old by then, or older than the last face. `on_drop`
    receives each reason.
    """

    def __init__(self, detector: SlowDetector | None = None) -> None:
        self.detector: SlowDetector = detector or InlineDetector()
        self.unused: Counter[str] = Counter()
        self.on_drop: Callable[[str], None] = lambda reason: None
        self._asked_at_s = -math.inf
        self.confirm()

    def confirm(self) -> None:
        """Start over: a face is followed, so that the next search is for another one."""
        self._missing_since_s, self._wait_s = math.inf, EVERY_S / SLOWER

    def search(self, picture: Pyramid, at_s: float) -> SlowAnswer | None:
        """Return the newest answer with a face, if one has come; ask when it is time.

        Called for each picture after one without a confirmed face.
        """
        if not self._missing_since_s <= at_s:  # the first without a face, or time went back
            self._missing_since_s = at_s
        answer = self._newest(at_s)
        if answer is None and self._is_time(at_s) and _may_hold_face(picture):
            self._asked_at_s = at_s
            self._wait_s = min(SLOWEST_S, SLOWER * self._wait_s)
            if self.detector.submit(picture, at_s):
                self._count_unused(NEWER_PICTURE)
            answer = self._newest(at_s)
        if answer is not None and any(box.sure for box in answer.boxes):
            self._wait_s = EVERY_S
        return answer if answer is not None and answer.boxes else None

    def _is_time(self, at_s: float) -> bool:
        early = at_s - self._missing_since_s < AFTER_S
        return not early and not 0 <= at_s - self._asked_at_s < max(EVERY_S, self._wait_s)

    def _newest(self, at_s: float) -> SlowAnswer | None:
        answers = self.detector.take()
        count = [
            one
            for one in answers
            if max(self._missing_since_s, at_s - OLDEST_S) <= one.at_s <= at_s
        ]
        for _ in range(len(answers) - len(count)):
            self._count_unused(OUTDATED)
        return count[-1] if count else None

    def _count_unused(self, reason: str) -> None:
        self.unused[reason] += 1
        self.on_drop(reason)


def _may_hold_face(picture: Pyramid) -> bool:
    """Whether the reduced picture is as large as the smallest face that the CNN finds."""
    short, long = sorted(picture.shape)
    return short * min(1.0, SIDE_PX / long) >= SMALLEST_PX
