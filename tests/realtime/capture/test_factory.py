from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realtime.capture.factory import SourceSpec, create_source
from realtime.core.errors import UsageError


def test_camera_0_is_the_default():
    assert SourceSpec().camera == 0


@pytest.mark.parametrize(("named", "camera"), [("2", 2), (2, 2), ("/dev/video2", "/dev/video2")])
def test_a_camera_is_a_number_or_a_device(named, camera):
    assert SourceSpec(camera=named).camera == camera


@pytest.mark.parametrize("named", ["front", "-1", "1.5", "", "video0"])
def test_another_camera_is_a_usage_error(named):
    with pytest.raises(UsageError, match="want a number such as 0, or a device"):
        SourceSpec(camera=named)


def test_sources_exclude_each_other():
    with pytest.raises(UsageError, match="--camera and --demo exclude each other"):
        SourceSpec(camera=0, demo=True)


@pytest.mark.parametrize(
    "url", ["rtsp://host/path", "http://host:8080", "https://u:p@host/x?y", "rtsps://[::1]/a"]
)
def test_addresses_that_are_taken(url):
    assert SourceSpec(url=url).url == url


@pytest.mark.parametrize("scheme", ["HTTP", "Rtsp", "hTTPS"])
def test_capitals_in_the_scheme_are_the_same_address(scheme):
    assert SourceSpec(url=f"{scheme}://Host/Path").url == f"{scheme.lower()}://Host/Path"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"camera": 0, "stream": 1}, "--stream applies to files and addresses"),
        ({"url": "http://host", "hz": 30.0}, "--rate applies to cameras and files"),
        ({"replay": Path("x.mp4"), "size_px": (640, 480)}, "--size applies to cameras only"),
    ],
)
def test_options_that_do_not_apply_are_refused(spec, told):
    with pytest.raises(UsageError, match=told):
        SourceSpec(**spec)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "host/path", "http://", "concat:a|b", "ftp://host", "http://[::1"]
)
def test_other_addresses_are_a_usage_error(url):
    with pytest.raises(UsageError, match=r"want rtsp://\.\.\. or http://"):
        SourceSpec(url=url)


@pytest.mark.parametrize(
    "url", ["http://host/\udcc3", "http://host/ü", "http://host/a\nb", "http://host/\0"]
)
def test_an_address_that_is_no_address_is_a_usage_error(url):
    with pytest.raises(UsageError, match="write them as %XX"):
        SourceSpec(url=url)


def test_a_password_is_shown_by_neither_the_value_nor_the_error():
    assert "secret" not in repr(SourceSpec(url="rtsp://me:secret@host/path"))
    with pytest.raises(UsageError) as refused:
        SourceSpec(url="ftp://me:secret@host/path")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("spec", "kind", "name"),
    [
        (SourceSpec(camera="1"), "camera", "camera 1"),
        (SourceSpec(camera="/dev/video1"), "camera", "/dev/video1"),
        (SourceSpec(replay=Path("a/b.mp4")), "replay", "b.mp4"),
        (SourceSpec(url="rtsp://me:secret@host/path"), "stream", "rtsp://***@host/path"),
        (SourceSpec(demo=True), "demo", "demo clip"),
    ],
)
def test_each_spec_builds_its_source(spec, kind, name, clock):
    source = create_source(spec, clock)
    assert (source.kind, source.name) == (kind, name)


@pytest.mark.parametrize("fast", [False, True])
def test_fast_is_without_pacing(clip, clock, fast):
    with create_source(SourceSpec(replay=clip), clock, fast=fast) as source:
        while source.read():
            pass
    assert (clock.waits == []) == fast


@pytest.mark.parametrize("spec", [SourceSpec(), SourceSpec(url="rtsp://host/path")])
@pytest.mark.parametrize("option", ["lossless", "fast"])
def test_only_files_wait(spec, option, clock):
    with pytest.raises(UsageError, match=f"--{option} needs a file"):
        create_source(spec, clock, **{option: True})


def test_asking_loads_no_opencv():
    code = "import sys, realtime.capture.factory; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
