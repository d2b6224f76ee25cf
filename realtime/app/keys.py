"""What the keys do, in the terminal and in the window alike. Belongs to the main thread."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.errors import RecordError
from realtime.runtime.pipeline import Pipeline
from realtime.view.views import Views


class KeyBindings:
    """Keys to deeds. `emotions` are what key e goes through, beginning after `asked`."""

    def __init__(
        self, pipeline: Pipeline, views: Views, emotions: Sequence[str], asked: str
    ) -> None:
        self._pipeline, self._views = pipeline, views
        self._emotions, self._asked = tuple(emotions), asked
        self._ghosts = False

    def press(self, key: str | None) -> bool:
        """Do what `key` stands for; False when the run should end."""
        if key == "q":
            return False
        if key == "n":
            self._pipeline.reset_neutral()
        elif key == "e":
            self._next_emotion()
        elif key == "g":
            self._ghosts = not self._ghosts
            self._pipeline.show_ghosts(self._ghosts)
        elif key == "r":
            self._film()
        return True

    def _next_emotion(self) -> None:
        place = self._emotions.index(self._asked) if self._asked in self._emotions else -1
        self._asked = self._emotions[(place + 1) % len(self._emotions)]
        self._pipeline.set_emotion(self._asked)

    def _film(self) -> None:
        """Start or end a video; a gauge that cannot film goes on as a gauge."""
        if self._views.recording_path:
            self._pipeline.live_state.set_notice(f"the video is in {self._views.recording_path}")
            self._views.stop_video()
            return
        try:
            self._views.start_video()
        except RecordError as error:
            self._pipeline.live_state.set_notice(str(error))
