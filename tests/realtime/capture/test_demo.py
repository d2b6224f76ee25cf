from __future__ import annotations

import pytest

from realtime.capture import demo
from realtime.capture.demo import DemoClip
from realtime.core.errors import FileUnreadable


def test_the_demo_replays_the_packaged_clip(monkeypatch, clip, clock):
    monkeypatch.setattr(demo, "CLIP", clip)
    with DemoClip(True, clock) as source:
        frames = list(iter(source.read, None))
    assert (source.kind, source.name, len(frames)) == ("demo", "demo clip", 30)
    assert clock.time_s == pytest.approx(1000 + 29 / 30)


def test_a_package_without_its_clip_says_so(monkeypatch, tmp_path, clock):
    monkeypatch.setattr(demo, "CLIP", tmp_path / "demo.mp4")
    with pytest.raises(FileUnreadable, match="there is no file"):
        DemoClip(True, clock).open()


def test_the_clip_lies_beside_the_code():
    assert demo.CLIP.parent.name == "capture"
