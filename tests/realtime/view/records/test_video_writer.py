from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from realtime.core.errors import RecordError
from realtime.view.records.video_writer import FREE_BYTES, LATE_S, RATE_HZ, VideoWriter


def picture(level: int, size_px: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_px[1], size_px[0], 3), level, np.uint8)


def levels(path: Path) -> list[int]:
    device, levels_read = cv2.VideoCapture(str(path)), []
    while (read := device.read())[0]:
        levels_read.append(round(float(read[1].mean())))
    device.release()
    return levels_read


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


def test_a_picture_of_another_size_is_resized(tmp_path: Path, clock) -> None:
    video = VideoWriter(tmp_path / "a.mp4", clock)
    video.add(picture(40))
    clock.time_s += 1 / RATE_HZ
    video.add(picture(200, (128, 96)))
    video.close()
    assert len(levels(tmp_path / "a.mp4")) == 2


def test_a_disk_that_fills_up_ends_the_video_while_it_can_still_be_read(
    tmp_path: Path, clock, monkeypatch
) -> None:
    room = iter([10 * FREE_BYTES, 2 * FREE_BYTES, FREE_BYTES - 1])
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=next(room)))
    video = VideoWriter(tmp_path / "a.mp4", clock)
    for _ in range(2):
        video.add(picture(40))
        clock.time_s += 1.0
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: 50 MB are free, want 50"):
        video.add(picture(40))
    video.close()
    assert len(levels(tmp_path / "a.mp4")) == pytest.approx(RATE_HZ, abs=2)


def test_a_removed_folder_ends_the_video_with_an_error(tmp_path: Path, clock) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    video = VideoWriter(folder / "a.mp4", clock)
    (folder / "a.mp4").unlink()
    folder.rmdir()
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: no such file"):
        video.add(picture(40))
    video.close()


def test_the_file_has_mode_0600_and_is_removed_without_a_picture(tmp_path: Path, clock) -> None:
    video = VideoWriter(tmp_path / "a.mp4", clock)
    assert (tmp_path / "a.mp4").stat().st_mode & 0o077 == 0
    video.close()
    video.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_a_record_error(tmp_path: Path, clock) -> None:
    with pytest.raises(RecordError, match=r"cannot record to .*a\.mp4: no such file"):
        VideoWriter(tmp_path / "nowhere" / "a.mp4", clock)
