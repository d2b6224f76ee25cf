from pathlib import Path

import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE, MANIFEST
from engines.bundle.checksums import CHECKSUM_FILE, verify_checksums, write_checksums
from engines.errors import BundleRefused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / MANIFEST).write_text('{"format": 1}')
    (tmp_path / "MODEL_CARD.md").write_text("trained on\n")
    write_checksums(tmp_path)
    return tmp_path


def test_accepts_an_unchanged_bundle_and_one_without_checksums(folder: Path) -> None:
    verify_checksums(folder)
    (folder / CHECKSUM_FILE).unlink()
    verify_checksums(folder)


@pytest.mark.parametrize("name", [MANIFEST, "MODEL_CARD.md"])
def test_names_the_changed_file(folder: Path, name: str) -> None:
    (folder / name).write_text("changed")
    with pytest.raises(BundleRefused, match=f"{name} differs from its checksum"):
        verify_checksums(folder)
    write_checksums(folder)
    verify_checksums(folder)


def test_writes_nothing_into_a_folder_without_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"holds no bundle\.json"):
        write_checksums(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_rejects_any_changed_byte_of_the_checksum_file(folder: Path) -> None:
    original = (folder / CHECKSUM_FILE).read_bytes()
    for at in range(len(original)):
        changed = original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :]
        (folder / CHECKSUM_FILE).write_bytes(changed)
        with pytest.raises(BundleRefused, match=r"bundle\.sha256"):
            verify_checksums(folder)


def test_packaged_bundle_matches_its_checksums() -> None:
    assert (DEFAULT_BUNDLE / CHECKSUM_FILE).exists()
    verify_checksums(DEFAULT_BUNDLE)
