from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import levels

from realtime.core.errors import RecordError
from realtime.view.records.video_writer import LATE_S, RATE_HZ, VideoWriter


def picture(level: int, size_px: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_px[1], size_px[0], 3), level, np.uint8)


def test_a_picture_is_repeated_while_it_is_the_newest(tmp_path: Path, clock) -> None:
    video = VideoWriter(tmp_path / "a.mp4", clock)
    for level, after_s in ((40, 0.0), (200, 0.2), (100, 0.004)):
        clock.time_s += after_s
        video.add(picture(level))
    video.close()
    levels_read = levels(tmp_path / "a.mp4")
    assert len(levels_read) == 1 + 0.2 * RATE_HZ
    assert levels_read[0] == pytest.approx(40, abs=4)
    assert levels_read[1:] == pytest.approx(
        [200] * 5, abs=6
    )  # the third came before the next video frame


def test_a_gauge_that_hung_leaves_no_hour_of_still_video(tmp_path: Path, clock) -> None:
    video = VideoWriter(tmp_path / "a.mp4", clock)
    video.add(picture(40))
    clock.time_s += 3600
    video.add(picture(200))
    video.close()
    assert len(levels(tmp_path / "a.mp4")) <= 2 + LATE_S * RATE_HZ


def test_a_removed_folder_ends_the_video_with_an_error(tmp_path: Path, clock) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    video = VideoWriter(folder / "a.mp4", clock)
    (folder / "a.mp4").unlink()
    folder.rmdir()
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: the file was deleted"):
        video.add(picture(40))
    video.close()
    assert video.failed == ""


def test_closing_never_raises_but_keeps_the_reason(tmp_path: Path, clock) -> None:
    """The key r closes a video in the middle of a run."""
    video = VideoWriter(tmp_path / "a.mp4", clock)
    video.add(picture(40))
    (tmp_path / "a.mp4").unlink()
    video.close()
    assert video.failed.endswith("a.mp4 stopped: the file was deleted")
    video.close()


def test_the_file_has_mode_0600_and_is_removed_without_a_picture(tmp_path: Path, clock) -> None:
    video = VideoWriter(tmp_path / "a.mp4", clock)
    assert (tmp_path / "a.mp4").stat().st_mode & 0o077 == 0
    video.close()
    video.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_a_record_error(tmp_path: Path, clock) -> None:
    with pytest.raises(RecordError, match=r"cannot write .*a\.mp4: there is no folder"):
        VideoWriter(tmp_path / "nowhere" / "a.mp4", clock)
