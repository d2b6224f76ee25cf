import hashlib
from pathlib import Path

import pytest

from calibrate.scoring.inspection import inspect_file


def test_what_a_video_holds(clip: Path) -> None:
    facts = inspect_file(clip)
    assert facts.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert (facts.width, facts.height, facts.hz, facts.error) == (64, 48, 30.0, "")
    assert facts.duration_s == pytest.approx(1.0, abs=0.05)
    assert facts.brightness < 20  # its first picture is black


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, "there is no file"), (b"", "is empty"), (b"no video", "is not a readable video")],
)
def test_why_a_file_cannot_be_read(content: bytes | None, error: str, tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    facts = inspect_file(path)
    assert error in facts.error
    assert bool(facts.sha256) == (content is not None)
