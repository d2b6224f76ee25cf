import os
import stat
from pathlib import Path

from synthetic import simulate

from calibrate.data import tracks
from calibrate.data.private_file import private_opener


def test_only_the_owner_can_read_a_new_or_replaced_file(tmp_path: Path) -> None:
    path = tmp_path / "face"
    path.write_bytes(b"something longer")
    path.chmod(0o644)
    with open(path, "wb", opener=private_opener) as file:
        file.write(b"short")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"short", 0o600)


def test_only_the_owner_can_read_tracks(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        tracks.save_tracks(tmp_path / "tracks.npz", simulate(1, 2, seed=0))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "tracks.npz").stat().st_mode) == 0o600
