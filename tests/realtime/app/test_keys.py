"""Key bindings, with doubles of the pipeline and the views."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from realtime.app.keys import KeyBindings
from realtime.core.errors import RecordError

EMOTIONS = ("any", "anger", "all", "auto")


class FakeViews:
    """Double of the views: records a video, or fails with `error`."""

    def __init__(self, error: RecordError | None = None) -> None:
        self.recording_path, self._error = "", error

    def start_video(self, path: Path | None = None) -> None:
        if self._error:
            raise self._error
        self.recording_path = "gauge.mp4"

    def stop_video(self) -> None:
        self.recording_path = ""


def key_bindings(
    selected: str = "any", views: FakeViews | None = None
) -> tuple[KeyBindings, Mock, FakeViews]:
    pipeline, shown = Mock(), views or FakeViews()
    return KeyBindings(pipeline, shown, EMOTIONS, selected), pipeline, shown  # type: ignore[arg-type]


def test_only_q_ends_the_run() -> None:
    keys, _, _ = key_bindings()
    assert not keys.press("q")
    assert all(keys.press(key) for key in (None, "n", "e", "g", "r", "x", "Q"))


def test_n_resets_the_neutral_face() -> None:
    keys, pipeline, _ = key_bindings()
    keys.press("n")
    pipeline.reset_neutral.assert_called_once_with()


@pytest.mark.parametrize(
    ("selected", "next_"), [("any", "anger"), ("auto", "any"), ("contempt", "any")]
)
def test_e_selects_the_next_emotion(selected: str, next_: str) -> None:
    keys, pipeline, _ = key_bindings(selected)
    keys.press("e")
    pipeline.set_emotion.assert_called_once_with(next_)


def test_g_shows_and_hides_the_ghosts() -> None:
    keys, pipeline, _ = key_bindings()
    keys.press("g")
    keys.press("g")
    assert [call.args for call in pipeline.show_ghosts.call_args_list] == [(True,), (False,)]


def test_r_starts_and_stops_a_video_and_names_its_file() -> None:
    keys, pipeline, views = key_bindings()
    keys.press("r")
    assert views.recording_path
    keys.press("r")
    assert not views.recording_path
    pipeline.live_state.set_notice.assert_called_once_with("video saved in gauge.mp4")


def test_a_video_that_cannot_be_written_is_a_notice_and_the_run_continues() -> None:
    keys, pipeline, _ = key_bindings(
        views=FakeViews(RecordError("cannot record to gauge.mp4: read-only"))
    )
    assert keys.press("r")
    pipeline.live_state.set_notice.assert_called_once_with("cannot record to gauge.mp4: read-only")
