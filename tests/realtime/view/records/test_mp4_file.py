from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np
import pytest
from films import boxes, format_of, levels, pictures, playable
from full_disk import FullDisk

from realtime.core.errors import OutputInUse, RecordError
from realtime.view.records import mp4_file
from realtime.view.records.mp4_file import FRAGMENT_S, Mp4File, open_mp4

ROOT = Path(__file__).parents[4]
HZ = 25.0
SECOND = round(HZ * FRAGMENT_S)


def picture(level: int, size_px: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_px[1], size_px[0], 3), level, np.uint8)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8)


def fill(video: Mp4File) -> None:
    """Write pictures that no encoder makes small."""
    for number in range(20 * SECOND):
        video.write(noise(number))


def film(path: Path, seconds: float, size_px: tuple[int, int] = (64, 48)) -> Path:
    video = open_mp4(path, HZ)
    for number in range(round(seconds * HZ)):
        video.write(picture(number, size_px))
    video.close()
    return path


def test_a_film_is_h264_in_yuv420p_with_its_index_before_the_pictures(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 2.5)
    assert format_of(path) == ("h264", "yuv420p", 64, 48)
    kinds = [kind for kind, _ in boxes(path.read_bytes())]
    assert kinds[:2] == ["ftyp", "moov"]
    assert kinds.count("moof") == kinds.count("mdat") == 3
    assert boxes(path.read_bytes())[-1][1] == path.stat().st_size
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == HZ
        times_s = [float(frame.pts * stream.time_base) for frame in container.decode(stream)]
    assert times_s == pytest.approx(np.arange(62) / HZ)


def test_colours_survive(tmp_path: Path) -> None:
    """Also in players that guess the matrix by the size of the picture: it is in the file."""
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (128, 128, 128), (20, 220, 220)]
    for size_px in ((64, 48), (1280, 720)):
        video = open_mp4(tmp_path / "a.mp4", HZ)
        for colour in colours:
            video.write(np.full((size_px[1], size_px[0], 3), colour, np.uint8))
        video.close()
        seen = [each.reshape(-1, 3).mean(axis=0) for each in pictures(tmp_path / "a.mp4")]
        np.testing.assert_allclose(seen, colours, atol=6)
        with av.open(str(tmp_path / "a.mp4")) as container:
            assert next(container.decode(video=0)).colorspace == mp4_file.SMPTE_170M


@pytest.mark.parametrize(
    ("size_px", "written_px"),
    [((64, 48), (64, 48)), ((65, 49), (64, 48)), ((640, 361), (640, 360)), ((1, 3), (2, 2))],
)
def test_an_odd_size_is_made_even(
    size_px: tuple[int, int], written_px: tuple[int, int], tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4", 0.2, size_px)
    assert format_of(path)[2:] == written_px
    assert levels(path) == pytest.approx(range(5), abs=4)


def test_a_picture_of_another_size_is_resized(tmp_path: Path) -> None:
    video = open_mp4(tmp_path / "a.mp4", HZ)
    for size_px in ((64, 48), (128, 96), (32, 24), (63, 47)):
        video.write(picture(100, size_px))
    video.close()
    assert levels(tmp_path / "a.mp4") == pytest.approx([100] * 4, abs=3)


def test_pictures_are_whole_and_sharp(tmp_path: Path) -> None:
    """A checkerboard of 8 px keeps its edges."""
    board = np.kron(np.indices((6, 8)).sum(axis=0) % 2, np.ones((8, 8)))
    board = np.repeat((board * 200 + 20).astype(np.uint8)[:, :, None], 3, axis=2)
    video = open_mp4(tmp_path / "a.mp4", HZ)
    video.write(board, 3)
    video.close()
    for seen in pictures(tmp_path / "a.mp4"):
        assert np.abs(seen.astype(int) - board).mean() < 4


def test_an_older_file_stays_until_the_first_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"precious" * 10_000)
    video = open_mp4(path, HZ)
    assert path.read_bytes() == b"precious" * 10_000
    video.close()
    assert path.read_bytes() == b"precious" * 10_000
    assert len(levels(film(path, 0.2))) == 5


def test_an_encoder_that_is_missing_costs_no_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"precious")
    monkeypatch.setattr(mp4_file, "CODEC", "libx999")
    video = open_mp4(path, HZ)
    with pytest.raises(RecordError, match=r"a\.mp4 stopped: this ffmpeg has no libx999; install"):
        video.write(picture(1))
    video.close()
    assert path.read_bytes() == b"precious"


def test_a_new_file_is_private_from_birth_and_removed_without_a_picture(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        video = open_mp4(tmp_path / "a.mp4", HZ)
        assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    video.close()
    video.close()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_locked_while_it_is_written(tmp_path: Path) -> None:
    video = open_mp4(tmp_path / "a.mp4", HZ)
    with pytest.raises(OutputInUse, match=r"a\.mp4 is being written by another run"):
        open_mp4(tmp_path / "a.mp4", HZ)
    video.write(picture(1))
    video.close()
    film(tmp_path / "a.mp4", 0.2)


def test_at_any_moment_all_but_the_last_second_can_be_played(tmp_path: Path) -> None:
    path, shown = tmp_path / "a.mp4", list[tuple[int, int]]()
    video = open_mp4(path, HZ)
    for number in range(4 * SECOND):
        video.write(picture(number))
        if number % 10 == 0 and number >= SECOND:
            shown.append((number + 1, len(levels(path.read_bytes()))))
    video.close()
    assert all(0 <= written - playable <= SECOND for written, playable in shown), shown
    assert len(levels(path)) == 4 * SECOND


@pytest.mark.parametrize("share", [0.6, 0.7, 0.9, 0.999])
def test_a_film_cut_anywhere_plays_up_to_its_last_whole_fragment(
    share: float, tmp_path: Path
) -> None:
    """As after a power failure, or a kill during a write."""
    data = film(tmp_path / "a.mp4", 4.0).read_bytes()
    part = data[: round(share * len(data))]
    whole = sum(kind == "mdat" for kind, _ in boxes(part))
    assert playable(part) >= whole * SECOND > 0


KILLED = """if True:
    import os, signal, sys
    from pathlib import Path
    import numpy as np
    from realtime.view.records.mp4_file import open_mp4
    video = open_mp4(Path(sys.argv[1]), 25.0)
    for number in range(int(sys.argv[2])):
        video.write(np.full((48, 64, 3), number, np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_a_film_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    command = [sys.executable, "-c", KILLED, str(path), str(3 * SECOND + 10)]
    assert subprocess.run(command, cwd=ROOT, timeout=120).returncode == -9
    assert levels(path) == pytest.approx(range(3 * SECOND), abs=4)
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]
    assert len(levels(film(path, 0.2))) == 5


@pytest.mark.parametrize("room", [0, 10, 1500, 200_000])
def test_a_full_disk_is_one_line_and_leaves_whole_fragments(room: int) -> None:
    disk = FullDisk(room)
    video = Mp4File(Path("a.mp4"), disk, HZ)
    with pytest.raises(RecordError) as raised:
        fill(video)
    assert str(raised.value) == "filming to a.mp4 stopped: no space left on device"
    assert disk.closed
    ends = boxes(disk.data)
    assert (ends[-1][1] if ends else 0) == len(disk.data) <= room
    fragments = sum(kind == "mdat" for kind, _ in ends)
    assert len(levels(disk.data) if fragments else []) == fragments * SECOND
    assert fragments > 0 or (room < 200_000 and not disk.data)
    video.close()


def test_a_disk_that_is_full_at_the_end_costs_the_last_fragment_only() -> None:
    disk = FullDisk(10_000_000)
    video = Mp4File(Path("a.mp4"), disk, HZ)
    for number in range(SECOND + 5):
        video.write(noise(number))
    disk.room = len(disk.data) + 100
    with pytest.raises(RecordError, match="no space left on device"):
        video.close()
    assert len(levels(disk.data)) == SECOND
    video.close()


LIMITED = """if True:
    import resource, sys
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    from pathlib import Path
    import numpy as np
    from realtime.core.errors import RecordError
    from realtime.view.records.mp4_file import open_mp4
    video = open_mp4(Path(sys.argv[1]), 25.0)
    try:
        for seed in range(1000):
            video.write(np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8))
    except RecordError as error:
        print(error)
"""


def test_the_systems_own_limit_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    command = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"filming to {path} stopped: file too large\n".lower().replace(
        str(path).lower(), str(path)
    )
    assert len(levels(path)) in (SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND)
    assert path.stat().st_size <= 300_000


def test_a_deleted_film_ends_with_an_error(tmp_path: Path) -> None:
    """Nothing is filmed for nobody: on a file without a name, every picture is lost."""
    path = tmp_path / "a.mp4"
    video = open_mp4(path, HZ)
    video.write(picture(1))
    path.unlink()
    with pytest.raises(RecordError, match=r"filming to .*a\.mp4 stopped: the file was deleted"):
        video.write(picture(1), 2 * SECOND)
    assert list(tmp_path.iterdir()) == []
