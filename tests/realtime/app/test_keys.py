"""What the keys do, with doubles for what they act on."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from realtime.app.keys import KeyBindings
from realtime.core.errors import RecordError

EMOTIONS = ("any", "anger", "all", "auto")


class Filming:
    """Views that film, or cannot."""

    def __init__(self, error: RecordError | None = None) -> None:
        self.recording_path, self._error = "", error

    def start_video(self, path: Path | None = None) -> None:
        if self._error:
            raise self._error
        self.recording_path = "gauge.mp4"

    def stop_video(self) -> None:
        self.recording_path = ""


def controls(asked: str = "any", views: Filming | None = None) -> tuple[KeyBindings, Mock, Filming]:
    pipeline, shown = Mock(), views or Filming()
    return KeyBindings(pipeline, shown, EMOTIONS, asked), pipeline, shown  # type: ignore[arg-type]


def test_q_ends_and_nothing_else_does() -> None:
    keys, _, _ = controls()
    assert not keys.press("q")
    assert all(keys.press(key) for key in (None, "n", "e", "g", "r", "x", "Q"))


def test_n_takes_the_neutral_face_anew() -> None:
    keys, pipeline, _ = controls()
    keys.press("n")
    pipeline.reset_neutral.assert_called_once_with()


@pytest.mark.parametrize(
    ("asked", "next_"), [("any", "anger"), ("auto", "any"), ("contempt", "any")]
)
def test_e_asks_about_the_next_emotion(asked: str, next_: str) -> None:
    keys, pipeline, _ = controls(asked)
    keys.press("e")
    pipeline.set_emotion.assert_called_once_with(next_)


def test_g_shows_the_ghosts_and_hides_them() -> None:
    keys, pipeline, _ = controls()
    keys.press("g")
    keys.press("g")
    assert [call.args for call in pipeline.show_ghosts.call_args_list] == [(True,), (False,)]


def test_r_starts_a_video_and_ends_it_with_a_note_where_it_is() -> None:
    keys, pipeline, views = controls()
    keys.press("r")
    assert views.recording_path
    keys.press("r")
    assert not views.recording_path
    pipeline.live_state.set_notice.assert_called_once_with("video saved in gauge.mp4")


def test_a_gauge_that_cannot_film_says_so_and_goes_on() -> None:
    keys, pipeline, _ = controls(
        views=Filming(RecordError("cannot record to gauge.mp4: read-only"))
    )
    assert keys.press("r")
    pipeline.live_state.set_notice.assert_called_once_with("cannot record to gauge.mp4: read-only")
