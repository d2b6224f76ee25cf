"""Two people side by side: what each shows is read as if they were alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np
import pytest

import realtime
from realtime.app.cli import main
from realtime.capture.demo import DemoClip
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.clock import SystemClock

LAST_S = 4.5  # of the clip; the expression begins at 2.4 s
LATE_FRAMES = 15  # by which the person on the right, a mirror image, is behind

Pair = tuple[np.ndarray, float]


@pytest.fixture(scope="module")
def alone() -> list[Pair]:
    with DemoClip(False, SystemClock()) as source:
        pairs = [(frame.image, frame.captured_at_s) for frame in iter(source.read, None)]
    return [pair for pair in pairs if pair[1] <= LAST_S]


@pytest.fixture(scope="module")
def two(alone: list[Pair]) -> list[Pair]:
    late = [alone[0]] * LATE_FRAMES + alone
    return [
        (np.hstack((one, other[:, ::-1])), at_s)
        for (one, at_s), (other, _) in zip(alone, late, strict=False)
    ]


def by_face(readings: Iterator[realtime.Reading]) -> dict[int | None, list[realtime.Reading]]:
    found: dict[int | None, list[realtime.Reading]] = {}
    for reading in readings:
        for each in reading.faces or (reading,):
            found.setdefault(each.face, []).append(each)
    return found


def test_each_is_read_as_if_alone(alone: list[Pair], two: list[Pair]) -> None:
    single = by_face(realtime.watch(alone, "surprise", neutral_at_s=DEMO_NEUTRAL_AT_S))[None]
    faces = by_face(realtime.watch(two, "surprise", faces=2, neutral_at_s=DEMO_NEUTRAL_AT_S))
    assert set(faces) == {1, 2}
    left = min(faces.values(), key=lambda one: one[-1].box_px[0] if one[-1].box_px else 0)
    assert len(left) == len(single)
    pairs = [(a.p_genuine, b.p_genuine) for a, b in zip(left, single, strict=True)]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert len(both) >= 5
    assert len(both) >= sum(b is not None for _, b in pairs) - 2
    assert max(abs(a - b) for a, b in both) < 0.08


def test_a_reading_with_several_faces_is_that_of_the_first(two: list[Pair]) -> None:
    with realtime.Gauge("all", faces=2) as gauge:
        found = [gauge.step(*pair) for pair in two[:40]]
    readings = [reading for reading in found if reading is not None]
    assert readings
    last = readings[-1]
    assert [each.face for each in last.faces] == [1, 2]
    assert (last.face, last.box_px, last.faces[0].faces) == (1, last.faces[0].box_px, ())
    assert [row.face for row in last.faces[1].rows] == [2] * len(last.rows)


def test_a_record_holds_every_face_and_equals_the_api(two: list[Pair], tmp_path: Path) -> None:
    clip, record = tmp_path / "two.mp4", tmp_path / "two.jsonl"
    write(clip, two)
    options = ["--yes", "--headless", "--fast", "--emotion", "any", "--faces", "2"]
    assert main([*options, "--record", str(record), "--replay", str(clip)]) == 0
    first, *verdicts, last = map(json.loads, record.read_text().splitlines())
    assert first["faces"] == 2
    ticks = [
        [row["face"] for row in tick] for _, tick in groupby(verdicts, lambda row: row["at_s"])
    ]
    assert ticks[-1] == [1, 2]
    assert all(faces in ([1], [1, 2]) for faces in ticks)
    assert [one["face"] for one in last["faces"]] == [1, 2]
    assert last["emotions"] == last["faces"][0]["emotions"]
    rows = [each.row() for one in realtime.watch(clip, faces=2) for each in one.faces]
    assert [ageless(row) for row in rows] == [ageless(row) for row in verdicts]
    (score,) = realtime.score(clip, faces=2)
    assert score["faces"] == last["faces"]


def ageless(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "age_ms"}


def write(path: Path, pairs: list[Pair]) -> None:
    """Write pictures as H.264, 30 a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "14"})
        stream.height, stream.width = pairs[0][0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture, _ in pairs:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
