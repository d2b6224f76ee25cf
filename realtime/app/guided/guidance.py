"""What leads a person through a run: the tour of the demo, guided use, or nothing."""

from __future__ import annotations

from dataclasses import replace

from realtime.app.guided.guide import Guide
from realtime.app.guided.tour import Tour
from realtime.app.options import Options
from realtime.core.snapshot import Snapshot
from realtime.view.phrases import GUIDE


class Guidance:
    """Tour or guide of a run; key `GUIDE` starts and ends guided use. Owned by the main thread.

    Guided use is offered where `--guide` would be accepted for the emotion that is judged now, and
    to its end once it runs. Its takes are forgotten when it ends.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._guided: Tour | Guide | None = None
        if options.tour:
            self._guided = Tour()
        elif options.guide:
            self._guided = Guide()
        self._emotion = options.emotion

    def shown(self, snapshot: Snapshot, now_s: float, *, ended: bool = False) -> Snapshot:
        """Return `snapshot` with what the tour or the guide shows; the source may have `ended`."""
        self._emotion = snapshot.setting.emotion
        if self._guided is not None:
            snapshot = self._guided.shown(snapshot, now_s, ended=ended)
        return replace(snapshot, guide_offered=self._offers_guide)

    def press(self, key: str | None) -> None:
        """Start or end guided use at its key; let the tour or the guide have any other."""
        if key == GUIDE and self._offers_guide:
            self._guided = None if isinstance(self._guided, Guide) else Guide()
        elif self._guided is not None:
            self._guided.press(key)

    def result_lines(self) -> list[str]:
        """Return the takes once more, to print after quitting; none without guided use."""
        return self._guided.result_lines() if isinstance(self._guided, Guide) else []

    @property
    def finished(self) -> bool:
        """Return whether nothing is left to show after the source has ended."""
        return self._guided is None or self._guided.finished

    @property
    def _offers_guide(self) -> bool:
        is_on = isinstance(self._guided, Guide)
        return is_on or not self._options.guide_hindrance(self._emotion)
