from __future__ import annotations

from pathlib import Path

import pytest

from realtime.tools.decoding_speed import read_colour, read_luma, read_opencv, write_clip


@pytest.mark.parametrize("reader", [read_opencv, read_luma, read_colour])
def test_all_readers_read_every_frame(tmp_path: Path, reader) -> None:
    write_clip(tmp_path / "clip.mp4", (320, 180), 12)
    assert reader(tmp_path / "clip.mp4") == 12
