"""When a face is described: once a second, and more often while it is undecided whose it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from realtime.core.messages import Frame, Landmarks
from realtime.person.descriptor_source import Described, DescriptorSource
from realtime.person.tracker import PersonTracker

# Why a face that was due gave no descriptor, beside what the source names.
POOR_VIEW = "poor_view"
OUTDATED = "outdated"  # described after an interruption that followed it: says nothing of now
SLACK_S = 1e-6  # of sums of frame times


class FaceWatch:
    """Ask a source for descriptors of the tracked face, by media time. Owned by one thread.

    `not_described` counts by reason the frames whose face was due and gave no descriptor to
    compare; `on_drop` receives each reason.
    """

    def __init__(
        self, source: DescriptorSource, on_drop: Callable[[str], None] = lambda reason: None
    ) -> None:
        self.source, self._on_drop = source, on_drop
        self.not_described: Counter[str] = Counter()
        self._asked_s, self._stretch = float("-inf"), 0

    def look(
        self, person: PersonTracker, frame: Frame, landmarks: Landmarks, clear: bool
    ) -> list[Described]:
        """Ask for a descriptor of the face if one is due; return those that have come since."""
        at_s = frame.captured_at_s
        if person.stretch != self._stretch:  # after an interruption, at once
            self._stretch, self._asked_s = person.stretch, float("-inf")
        if at_s - self._asked_s >= person.describe_every_s - SLACK_S:
            reason = self.source.submit(frame, landmarks, person.stretch) if clear else POOR_VIEW
            if reason:
                self.count_dropped(reason)
            else:
                self._asked_s = at_s
        return self.source.take()

    def count_dropped(self, reason: str) -> None:
        """Count a face that gave no descriptor to compare."""
        self.not_described[reason] += 1
        self._on_drop(reason)
