import os
from pathlib import Path

import pytest

from engines.bundle.safe_read import read_bounded
from engines.errors import BundleRefused


def test_reads_a_file_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bounded(tmp_path / "file", 5) == b"12345"
    with pytest.raises(BundleRefused, match="file is larger than 4 bytes"):
        read_bounded(tmp_path / "file", 4)


def test_rejects_what_is_not_a_regular_file_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BundleRefused, match="pipe is no regular file"):
        read_bounded(tmp_path / "pipe", 5)


@pytest.mark.parametrize("name", ["missing", "nul\0", "."])
def test_names_a_file_it_cannot_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleRefused):
        read_bounded(tmp_path / name, 5)
