from __future__ import annotations

import json

import pytest

from realtime.outputs.web.clients import text_frame
from realtime.tools.web_load.clients import FrameReader, published_at_s


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_frames_are_read_however_they_arrive(piece: int) -> None:
    texts = ["", "short", "x" * 200, "y" * 70_000]
    data, reader = b"".join(map(text_frame, texts)), FrameReader()
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    read = [payload.decode() for each in pieces for _, payload in reader.feed(each)]
    assert read == texts


def test_a_live_verdict_tells_when_it_was_made() -> None:
    row = {"type": "verdict", "at": "2026-01-01T00:00:01.500+00:00", "age_ms": 20.0}
    later = row | {"at": "2026-01-01T00:00:02.000+00:00"}
    first, second = (published_at_s(json.dumps(each).encode()) for each in (row, later))
    assert second - first == pytest.approx(0.5)
    assert first % 60 == pytest.approx(1.52)
