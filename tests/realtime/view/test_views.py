"""Views without a terminal and a window: what they record and report."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from realtime.core.messages import State
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.views import Views


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, always at the same time of day."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "strftime", lambda _: "gauge-20260102-030405")
    return tmp_path


def test_videos_of_the_same_second_have_different_names(
    in_folder: Path, setting: RunSetting, snapshot
) -> None:
    with Views(setting, headless=True, window=False) as views:
        names = []
        for _ in range(3):
            views.start_video()
            names.append(views.recording_path)
            views.show(snapshot(State.JUDGING, 0.7))
            views.stop_video()
    stem = "gauge-20260102-030405"
    assert names == [f"{stem}.mp4", f"{stem}-2.mp4", f"{stem}-3.mp4"]
    assert sorted(path.name for path in in_folder.glob("*.mp4")) == sorted(names)


def test_a_dangling_link_is_not_overwritten(in_folder: Path, setting: RunSetting) -> None:
    (in_folder / "gauge-20260102-030405.mp4").symlink_to("missing.mp4")
    with Views(setting, headless=True, window=False) as views:
        views.start_video()
        assert views.recording_path == "gauge-20260102-030405-2.mp4"


def test_the_frame_of_the_shown_reading_is_known_only_if_it_was_drawn(
    in_folder: Path, setting: RunSetting, snapshot
) -> None:
    with Views(setting, headless=True, window=False) as views:
        views.show(snapshot(State.JUDGING, 0.7))
        assert views.drawn_frame == -1
        views.start_video()
        views.show(snapshot(State.JUDGING, 0.7))
        assert views.drawn_frame == 240


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is checked on Linux only")
def test_without_a_display_a_requested_window_is_explained(
    setting: RunSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert Views(setting, headless=True, window=False).notice == ""
    notice = Views(setting, headless=True, window=True).notice
    assert notice.startswith("no window: ")


def test_the_summary_is_printed_without_a_terminal(
    setting: RunSetting, capsys: pytest.CaptureFixture[str]
) -> None:
    with Views(setting, headless=True, window=False) as views:
        views.finish(["frames 3", "age p50"])
    assert capsys.readouterr().out == "frames 3\nage p50\n"


def test_a_film_that_cannot_be_finished_is_reported_in_the_summary(
    in_folder: Path, setting: RunSetting, snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk became full, or the file was deleted, after the last picture."""
    with Views(setting, headless=True, window=False, video=Path("a.mp4")) as views:
        views.show(snapshot(State.JUDGING, 0.7))
        (in_folder / "a.mp4").unlink()
        views.finish(["frames 3"])
    line = "record      filming to a.mp4 stopped: the file was deleted"
    assert capsys.readouterr().out.splitlines() == ["frames 3", line]


def test_names_of_files_cannot_steer_the_terminal(
    setting: RunSetting, capsys: pytest.CaptureFixture[str]
) -> None:
    with Views(setting, headless=True, window=False) as views:
        views.finish(["trace       \x1b[31mred\nsecond.json"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()


def test_a_screen_elsewhere_gets_every_snapshot_and_its_keys_count(
    setting: RunSetting, snapshot
) -> None:
    shown = []

    class Elsewhere:
        def show(self, now: Snapshot) -> str | None:
            shown.append(now)
            return "n"

    with Views(setting, headless=True, window=False) as views:
        views.add_screen(Elsewhere(), "web page: http://127.0.0.1/?token=secret")
        now = snapshot(State.JUDGING, 0.7)
        assert views.show(now) == "n"
    assert shown == [now]  # without the address


def test_the_terminal_names_the_address_of_a_screen_elsewhere(setting: RunSetting) -> None:
    with Views(setting, headless=True, window=False) as views:
        views.add_screen(views, "web page: http://127.0.0.1/")  # type: ignore[arg-type]
        named = views._with_address(Snapshot(setting, notice="loading")).notice
    assert named == "web page: http://127.0.0.1/; loading"
