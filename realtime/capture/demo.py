"""Source that replays the packaged demo clip."""

from __future__ import annotations

from pathlib import Path

from realtime.capture.playback import WHOLE_FILE, PlaybackRange
from realtime.capture.video_file import VideoFile
from realtime.core.clock import Clock

CLIP = Path(__file__).with_name("demo.mp4")


class DemoClip(VideoFile):
    """Replay of the packaged clip; needs neither camera nor file."""

    kind = "demo"

    def __init__(self, paced: bool, clock: Clock, playback: PlaybackRange = WHOLE_FILE) -> None:
        super().__init__(CLIP, paced, clock, playback)
        self.name = "demo clip"
