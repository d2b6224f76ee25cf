"""Key bindings of the terminal and the window. Owned by the main thread."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.errors import RecordError
from realtime.runtime.pipeline import Pipeline
from realtime.view.phrases import DETAILS
from realtime.view.views import Views


class KeyBindings:
    """Map keys to actions; key e cycles through `emotions`, starting after `selected`."""

    def __init__(
        self, pipeline: Pipeline, views: Views, emotions: Sequence[str], selected: str
    ) -> None:
        self._pipeline, self._views = pipeline, views
        self._emotions, self._selected = tuple(emotions), selected
        self._ghosts = False
        self.details = False  # whether the views show their figures

    def press(self, key: str | None) -> bool:
        """Run the action of `key`; return False when the run should end."""
        if key == "q":
            return False
        if key == "n":
            self._pipeline.reset_neutral()
        elif key == "e":
            self._next_emotion()
        elif key == "g":
            self._ghosts = not self._ghosts
            self._pipeline.show_ghosts(self._ghosts)
        elif key == DETAILS:
            self.details = not self.details
        elif key == "r":
            self._toggle_video()
        return True

    def _next_emotion(self) -> None:
        index = self._emotions.index(self._selected) if self._selected in self._emotions else -1
        self._selected = self._emotions[(index + 1) % len(self._emotions)]
        self._pipeline.set_emotion(self._selected)

    def _toggle_video(self) -> None:
        """Start or stop the video; the gauge continues if the video cannot be written."""
        if self._views.recording_path:
            self._pipeline.live_state.set_notice(f"video saved in {self._views.recording_path}")
            self._views.stop_video()
            return
        try:
            self._views.start_video()
        except RecordError as error:
            self._pipeline.live_state.set_notice(str(error))
