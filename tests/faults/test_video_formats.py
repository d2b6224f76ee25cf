"""Videos that are stored in other ways than they are shown: read as what they show."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.capture.video_file import FileFormat, VideoFile
from realtime.core.errors import FileUnreadable
from realtime.core.messages import Frame

Ffmpeg = Callable[..., Path]
SIZE = (320, 240)


@pytest.fixture
def binary() -> str:
    return str(pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe())


@pytest.fixture
def encode(binary: str, tmp_path: Path) -> Callable[..., Path]:
    """Return `encode(name, *arguments)`: a moving 320x240 test picture of one second."""

    def make(name: str, *arguments: str, source: str = "testsrc2=size=320x240:rate=30:duration=1"):
        path = tmp_path / name
        command = [
            binary,
            "-loglevel",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            source,
            *arguments,
            path,
        ]
        subprocess.run(command, check=True, timeout=60)
        return path

    return make


def frames_of(path: Path, clock, **fields: int) -> tuple[list[Frame], VideoFile]:
    source = VideoFile(path, False, clock, file_format=FileFormat(**fields))
    with source:
        return list(iter(source.read, None)), source


def difference(one: Frame, other: Frame) -> float:
    size = one.size_px
    same_size = cv2.resize(other.gray, size, interpolation=cv2.INTER_AREA)
    return float(np.abs(one.gray.astype(int) - same_size).mean())


INTERLACED = {
    "flagged.mp4": ("-c:v", "libx264", "-flags", "+ildct+ilme", "-x264opts", "tff=1"),
    "avchd.mts": ("-c:v", "libx264", "-flags", "+ildct+ilme", "-f", "mpegts"),
    "dvd.mpg": ("-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme"),
    "tape.dv": ("-target", "pal-dv"),
    "studio.mov": ("-c:v", "prores_ks", "-flags", "+ildct"),
    "old.avi": ("-c:v", "mpeg4", "-q:v", "2", "-flags", "+ildct+ilme"),
}


@pytest.mark.parametrize("name", INTERLACED)
def test_interlaced_video_is_seen_as_the_same_movement(
    encode: Callable[..., Path], clock, name: str
) -> None:
    frames, source = frames_of(encode(name, *INTERLACED[name]), clock)
    plain, _ = frames_of(encode("plain.mkv", "-c:v", "ffv1"), clock)
    assert not source.skipped
    assert len(frames) >= 24
    pairs = [
        difference(plain[min(round(frame.captured_at_s * 30), len(plain) - 1)], frame)
        for frame in frames
    ]
    assert np.median(pairs) < 12
    assert min(frame.gray.std() for frame in frames) > 30  # no black picture among them


def test_the_lines_of_two_moments_are_taken_apart(encode: Callable[..., Path], clock) -> None:
    fields = "testsrc2=size=320x240:rate=60:duration=1,tinterlace=interleave_top"
    coded = ("-c:v", "libx264", "-crf", "10", "-flags", "+ildct+ilme", "-x264opts", "tff=1")
    frames, _ = frames_of(encode("woven.mp4", *coded, source=fields), clock)
    woven, _ = frames_of(
        encode("plain.mkv", "-c:v", "ffv1", source=fields + ",setfield=prog"), clock
    )

    def combing(frame: Frame) -> float:
        gray = frame.gray.astype(int)
        return float(np.abs(gray[1:-1:2] * 2 - gray[0:-2:2] - gray[2::2]).mean())

    assert combing(frames[15]) < 0.6 * combing(woven[15])


ASPECTS = {
    "hdv.mp4": ("240x240", "4/3"),
    "2cif.mp4": ("352x144", "6/11"),
    "halfd1.mpg": ("160x240", "2/1"),
    "dvd.mkv": ("240x192", "16/15"),
    "anamorphic.mov": ("160x240", "2/1"),
}


@pytest.mark.parametrize("name", ASPECTS)
def test_pixels_that_are_not_square_are_made_square(
    encode: Callable[..., Path], clock, name: str
) -> None:
    size, aspect = ASPECTS[name]
    codec = "mpeg2video" if name.endswith("mpg") else "libx264"
    stored = ("-vf", f"scale={size.replace('x', ':')},setsar={aspect}", "-q:v", "2", "-c:v", codec)
    frames, source = frames_of(encode(name, *stored), clock)
    width, height = (int(side) for side in size.split("x"))
    top, bottom = (int(part) for part in aspect.split("/"))
    assert source.size_px[0] / source.size_px[1] == pytest.approx(
        width * top / bottom / height, rel=0.01
    )
    assert frames[0].gray.shape == source.size_px[::-1]
    assert frames[0].image.shape[:2] == source.size_px[::-1]
    plain, _ = frames_of(encode("plain.mkv", "-c:v", "ffv1"), clock)
    assert difference(plain[10], frames[10]) < 16


@pytest.mark.parametrize(
    ("arguments", "turned"),
    [
        (("-display_rotation", "90"), cv2.ROTATE_90_COUNTERCLOCKWISE),
        (("-display_rotation", "180"), cv2.ROTATE_180),
        (("-display_rotation", "-90"), cv2.ROTATE_90_CLOCKWISE),
        (("-display_hflip",), "mirrored"),
        (("-display_vflip",), "upside down"),
        (("-display_rotation", "90", "-display_hflip"), "turned and mirrored"),
    ],
)
def test_the_whole_display_matrix_is_followed(
    encode: Callable[..., Path], binary: str, clock, tmp_path: Path, arguments, turned
) -> None:
    flat = encode("flat.mp4", "-c:v", "libx264")
    path = tmp_path / "turned.mp4"
    command = [binary, "-loglevel", "error", "-y", *arguments, "-i", flat, "-c", "copy", path]
    subprocess.run(command, check=True, timeout=60)
    (frame, *_), _ = frames_of(path, clock)
    (stored, *_), _ = frames_of(flat, clock)
    expected = {
        "mirrored": stored.gray[:, ::-1],
        "upside down": stored.gray[::-1],
        "turned and mirrored": _filtered(binary, flat, tmp_path, path),
    }
    wanted = expected[turned] if isinstance(turned, str) else cv2.rotate(stored.gray, turned)
    assert frame.gray.shape == wanted.shape
    assert np.abs(frame.gray.astype(int) - wanted).mean() < 3


def _filtered(binary: str, flat: Path, folder: Path, turned: Path) -> np.ndarray:
    """Return the first picture of `turned` as the ffmpeg program itself shows it, in gray."""
    shown = folder / "shown.png"
    command = [binary, "-loglevel", "error", "-y", "-i", turned, "-frames:v", "1", shown]
    subprocess.run(command, check=True, timeout=60)
    return cv2.imread(str(shown), cv2.IMREAD_GRAYSCALE)


def two_streams(*dispositions: str) -> tuple[str, ...]:
    scaled = "[0:v]split[a][b];[a]scale=80:60[small];[b]copy[large]"
    mapped = ("-filter_complex", scaled, "-map", "[small]", "-map", "[large]", "-c:v", "libx264")
    flags = [
        part
        for number, value in enumerate(dispositions)
        for part in (f"-disposition:v:{number}", value)
    ]
    return (*mapped, *flags)


@pytest.mark.parametrize(
    ("name", "dispositions", "size"),
    [
        ("small_default.mkv", ("default", "0"), (80, 60)),
        ("large_default.mkv", ("0", "default"), SIZE),
        ("no_default.mkv", ("0", "0"), SIZE),
        ("thumbnails.mp4", ("default", "default"), SIZE),
    ],
)
def test_the_main_stream_is_played_and_the_others_are_named(
    encode: Callable[..., Path], clock, name: str, dispositions: tuple[str, ...], size
) -> None:
    path = encode(name, *two_streams(*dispositions))
    frames, source = frames_of(path, clock)
    assert (len(frames), source.size_px) == (30, size)
    assert "plays picture stream" in source.notes["stream"]
    for number, wanted in enumerate([(80, 60), SIZE]):
        frames, source = frames_of(path, clock, stream=number)
        assert (len(frames), source.size_px) == (30, wanted)
        assert "stream" not in source.notes


@pytest.mark.parametrize("name", ["song.mp3", "song.m4a", "song.flac"])
def test_a_song_with_a_cover_is_no_video(
    encode: Callable[..., Path], binary: str, clock, tmp_path: Path, name: str
) -> None:
    cover = encode("cover.png", "-frames:v", "1")
    path = tmp_path / name
    sound = ["-f", "lavfi", "-i", "sine=duration=1", "-i", cover, "-map", "0", "-map", "1"]
    kept = ["-c:v", "png", "-disposition:v:0", "attached_pic"]
    command = [binary, "-loglevel", "error", "-y", *sound, *kept, path]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(FileUnreadable, match="has no video, only a cover picture"):
        frames_of(path, clock)


def test_a_picture_that_changes_its_size_inside_a_file_is_followed(
    encode: Callable[..., Path], clock, tmp_path: Path
) -> None:
    large = encode("large.ts", "-c:v", "libx264", "-f", "mpegts").read_bytes()
    small = encode("small.ts", "-vf", "scale=160:120", "-c:v", "libx264", "-f", "mpegts")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(large + small.read_bytes())
    frames, source = frames_of(joined, clock)
    assert {frame.size_px for frame in frames} == {SIZE, (160, 120)}
    assert len(frames) + source.skipped.total() == 60
    assert all(frame.gray.shape == frame.size_px[::-1] for frame in frames)


@pytest.mark.parametrize(
    ("codec", "kind"),
    [("libx264", "mp4"), ("mpeg4", "avi"), ("mpeg2video", "mpg"), ("libx264", "ts")],
)
def test_pictures_after_damage_are_counted_until_a_keyframe(
    encode: Callable[..., Path], clock, codec: str, kind: str
) -> None:
    arguments = ("-c:v", codec, "-g", "10", "-bf", "0", "-q:v", "3")
    path = encode(f"whole.{kind}", *arguments)
    whole, _ = frames_of(path, clock)
    data = bytearray(path.read_bytes())
    start = len(data) // 3
    data[start : start + 400] = bytes(400)
    path.write_bytes(data)
    frames, source = frames_of(path, clock)
    assert 0 < source.skipped["corrupt"] < 20
    by_time = {round(frame.captured_at_s, 3): frame for frame in whole}
    worst = max(difference(by_time[round(frame.captured_at_s, 3)], frame) for frame in frames)
    assert worst < 1  # what is left is what was filmed


@pytest.mark.parametrize("level", ["SILENT", "WARNING", "DEBUG"])
def test_a_decoder_that_complains_never_holds_up_who_closes_it(
    encode: Callable[..., Path], level: str
) -> None:
    """In a process of its own: where it did, nothing but a kill ended the process."""
    path = encode("whole.ts", "-c:v", "libx264", "-g", "10", "-f", "mpegts")
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 3, len(data), 900):
        data[place : place + 40] = bytes(40)
    path.write_bytes(data)
    code = f"""if True:
        from realtime.capture.video_file import VideoFile
        from realtime.core.clock import SystemClock
        for number in range(60):
            source = VideoFile({str(path)!r}, False, SystemClock())
            try:
                source.open()
                for _ in range(number % 12):
                    source.read()
            finally:
                source.close()
        print("done")
    """
    environment = {**os.environ, "OPENCV_LOG_LEVEL": level, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.stdout == "done\n", ran.stderr[-2000:]
