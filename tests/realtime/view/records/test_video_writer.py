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
    device, found = cv2.VideoCapture(str(path)), []
    while (read := device.read())[0]:
        found.append(round(float(read[1].mean())))
    device.release()
    return found


def test_a_picture_stands_for_as_long_as_it_was_the_newest(tmp_path: Path, clock) -> None:
    film = VideoWriter(tmp_path / "a.mp4", clock)
    for level, after_s in ((40, 0.0), (200, 0.2), (100, 0.004)):
        clock.time_s += after_s
        film.add(picture(level))
    film.close()
    found = levels(tmp_path / "a.mp4")
    assert len(found) == 1 + 0.2 * RATE_HZ
    assert found[0] == pytest.approx(40, abs=4)
    assert found[1:] == pytest.approx([200] * 5, abs=6)  # the third came before its turn


def test_a_gauge_that_hung_leaves_no_hour_of_still_video(tmp_path: Path, clock) -> None:
    film = VideoWriter(tmp_path / "a.mp4", clock)
    film.add(picture(40))
    clock.time_s += 3600
    film.add(picture(200))
    film.close()
    assert len(levels(tmp_path / "a.mp4")) <= 2 + LATE_S * RATE_HZ


def test_a_picture_of_another_size_is_fitted(tmp_path: Path, clock) -> None:
    film = VideoWriter(tmp_path / "a.mp4", clock)
    film.add(picture(40))
    clock.time_s += 1 / RATE_HZ
    film.add(picture(200, (128, 96)))
    film.close()
    assert len(levels(tmp_path / "a.mp4")) == 2


def test_a_disk_that_fills_up_ends_the_video_while_it_can_still_be_read(
    tmp_path: Path, clock, monkeypatch
) -> None:
    room = iter([10 * FREE_BYTES, 2 * FREE_BYTES, FREE_BYTES - 1])
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=next(room)))
    film = VideoWriter(tmp_path / "a.mp4", clock)
    for _ in range(2):
        film.add(picture(40))
        clock.time_s += 1.0
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: 50 MB are free, want 50"):
        film.add(picture(40))
    film.close()
    assert len(levels(tmp_path / "a.mp4")) == pytest.approx(RATE_HZ, abs=2)


def test_a_folder_that_goes_ends_the_video_with_a_line(tmp_path: Path, clock) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    film = VideoWriter(folder / "a.mp4", clock)
    (folder / "a.mp4").unlink()
    folder.rmdir()
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: no such file"):
        film.add(picture(40))
    film.close()


def test_it_is_private_and_without_a_picture_it_is_not_there(tmp_path: Path, clock) -> None:
    film = VideoWriter(tmp_path / "a.mp4", clock)
    assert (tmp_path / "a.mp4").stat().st_mode & 0o077 == 0
    film.close()
    film.close()
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path, clock) -> None:
    with pytest.raises(RecordError, match=r"cannot record to .*a\.mp4: no such file"):
        VideoWriter(tmp_path / "nowhere" / "a.mp4", clock)
