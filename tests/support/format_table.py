"""Verdicts on one video stored in many ways, as a Markdown table: docs/RELIABILITY.md.

Run `python tests/support/format_table.py VIDEO EMOTION [SECONDS]`; needs the extra `dev`.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import imageio_ffmpeg

from realtime.app.cli import main as realtime_main

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
H264 = ("-c:v", "libx264", "-crf", "16")

# Name of the variant: file name and arguments of the encoder.
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "H.264": ("a.mp4", H264),
    "H.264, B-frames, 2 references": ("a.mkv", (*H264, "-bf", "8", "-refs", "2")),
    "H.264, one keyframe": ("a.mp4", (*H264, "-g", "9999")),
    "H.264, all keyframes": ("a.mp4", (*H264, "-g", "1")),
    "H.264, 4:2:2": ("a.mp4", (*H264, "-pix_fmt", "yuv422p")),
    "H.264, 4:4:4": ("a.mp4", (*H264, "-pix_fmt", "yuv444p")),
    "H.264, 10 bits": ("a.mp4", (*H264, "-pix_fmt", "yuv420p10le")),
    "H.264, full range": ("a.mp4", (*H264, "-pix_fmt", "yuvj420p", "-color_range", "pc")),
    "H.264, RGB": ("a.mkv", ("-c:v", "libx264rgb", "-crf", "12", "-pix_fmt", "bgr24")),
    "H.264, gray": ("a.mp4", (*H264, "-pix_fmt", "gray")),
    "H.264, interlaced": ("a.mp4", (*H264, "-flags", "+ildct+ilme")),
    "AVCHD": ("a.mts", (*H264, "-flags", "+ildct+ilme", "-f", "mpegts")),
    "H.264 in AVI": ("a.avi", (*H264, "-bf", "0")),
    "H.264 in FLV": ("a.flv", H264),
    "H.264 in 3GP": ("a.3gp", H264),
    "H.265": ("a.mp4", ("-c:v", "libx265", "-crf", "18", "-x265-params", "log-level=none")),
    "H.265, 10 bits": (
        "a.mkv",
        (
            "-c:v",
            "libx265",
            "-crf",
            "18",
            "-pix_fmt",
            "yuv420p10le",
            "-x265-params",
            "log-level=none",
        ),
    ),
    "AV1": ("a.mkv", ("-c:v", "libsvtav1", "-preset", "8", "-crf", "22")),
    "VP8": ("a.webm", ("-c:v", "libvpx", "-b:v", "3M")),
    "VP9": ("a.webm", ("-c:v", "libvpx-vp9", "-b:v", "3M", "-deadline", "realtime")),
    "MPEG-2": ("a.mpg", ("-c:v", "mpeg2video", "-q:v", "2")),
    "MPEG-2, interlaced": ("a.ts", ("-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme")),
    "MPEG-4": ("a.avi", ("-c:v", "mpeg4", "-q:v", "2")),
    "WMV": ("a.wmv", ("-c:v", "wmv2", "-q:v", "2")),
    "Motion JPEG": ("a.avi", ("-c:v", "mjpeg", "-q:v", "2")),
    "ProRes": ("a.mov", ("-c:v", "prores_ks")),
    "ProRes, interlaced": ("a.mov", ("-c:v", "prores_ks", "-flags", "+ildct")),
    "DNxHR": ("a.mov", ("-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p")),
    "FFV1": ("a.mkv", ("-c:v", "ffv1")),
    "HuffYUV": ("a.avi", ("-c:v", "huffyuv", "-pix_fmt", "yuv422p")),
    "Ut Video, RGB": ("a.avi", ("-c:v", "utvideo", "-pix_fmt", "gbrp")),
    "raw, UYVY": ("a.avi", ("-c:v", "rawvideo", "-pix_fmt", "uyvy422")),
    "Theora": ("a.ogv", ("-c:v", "libtheora", "-q:v", "9")),
    "JPEG 2000": ("a.mov", ("-c:v", "jpeg2000", "-pix_fmt", "yuv420p")),
    "pixels 4:3": ("a.mp4", ("-vf", "scale=iw*3/4:ih,setsar=4/3", *H264)),
    "pixels 6:11": ("a.mp4", ("-vf", "scale=iw:ih*6/11,setsar=6/11", *H264)),
    "pixels 24:11": ("a.mkv", ("-vf", "scale=trunc(iw*11/48)*2:ih,setsar=24/11", *H264)),
    "pixels 16:15, MPEG-2": (
        "a.mpg",
        ("-vf", "scale=iw*15/16:ih,setsar=16/15", "-c:v", "mpeg2video", "-q:v", "2"),
    ),
}
VARIANTS |= {  # pixels of the picture between its old ones: the points' noise is another one, too
    f"rolled by {degrees} degrees": ("a.mp4", ("-vf", f"rotate={degrees}*PI/180", *H264))
    for degrees in (-30, -20, 20, 30)
}
# Stored turned or mirrored, with a display matrix that turns it back: filter and matrix.
ORIENTATIONS = {
    "turned by 90": ("transpose=clock", ("-display_rotation", "90")),
    "turned by 180": ("hflip,vflip", ("-display_rotation", "180")),
    "turned by 270": ("transpose=cclock", ("-display_rotation", "-90")),
    "mirrored": ("hflip", ("-display_hflip",)),
    "upside down": ("vflip", ("-display_vflip",)),
}


def main(video: Path, emotion: str, seconds: float) -> None:
    """Print the table of `video`, of which the first `seconds` are used."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base.mkv"
        _ffmpeg("-t", str(seconds), "-i", video, "-an", "-vf", "scale=iw*sar:ih,setsar=1",
                "-c:v", "ffv1", base)  # fmt: skip
        wanted = verdict(base, emotion)
        print(f"| stored as | p_genuine | difference |\n|---|---|---|\n| lossless | {wanted} | |")
        worst = 0.0
        for name, stored in _stored(base, Path(folder)):
            p_genuine = verdict(stored, emotion)
            off = None if None in (p_genuine, wanted) else p_genuine - wanted  # type: ignore[operator]
            worst = max(worst, abs(off)) if off is not None else float("inf")
            print(f"| {name} | {p_genuine} | {'' if off is None else f'{off:+.4f}'} |", flush=True)
            stored.unlink()
        print(f"\nlargest difference {worst:.4f}")


def _stored(base: Path, folder: Path):  # type: ignore[no-untyped-def]
    for name, (file, arguments) in VARIANTS.items():
        path = folder / file
        try:
            _ffmpeg("-i", base, *arguments, path)
        except subprocess.CalledProcessError:
            print(f"| {name} | this ffmpeg does not write it | |", flush=True)
            continue
        yield name, path
    for name, (turned, matrix) in ORIENTATIONS.items():
        flat, path = folder / "flat.mp4", folder / "a.mp4"
        _ffmpeg("-i", base, "-vf", turned, *H264, flat)
        _ffmpeg(*matrix, "-i", flat, "-c", "copy", path)
        yield f"stored {name}, with its display matrix", path


def _ffmpeg(*arguments: object) -> None:
    command = [FFMPEG, "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=600, capture_output=True)


def verdict(video: Path, emotion: str) -> float | None:
    """Return the run's probability for `video`, or None if nothing was judged."""
    record = video.with_suffix(".jsonl")
    arguments = ["--replay", str(video), "--emotion", emotion, "--headless", "--fast", "--yes"]
    with contextlib.redirect_stdout(io.StringIO()):
        realtime_main([*arguments, "--record", str(record)])
    summary = json.loads(record.read_text().splitlines()[-1])
    record.unlink()
    p_genuine: float | None = summary["emotions"][emotion]["p_genuine"]
    return p_genuine


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 1e6)
