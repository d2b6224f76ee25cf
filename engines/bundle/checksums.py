"""Checksum file of a bundle: sha256 of the manifest and of files the manifest does not list.

The format is that of `sha256sum`, so `sha256sum -c bundle.sha256` verifies it, too.
`python -m engines.bundle.checksums FOLDER` writes it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from engines.bundle.safe_read import read_bounded
from engines.errors import BundleRefused

CHECKSUM_FILE = "bundle.sha256"
CHECKSUMMED_FILES = ("bundle.json", "MODEL_CARD.md")
MAX_BYTES = 4 << 20  # of the checksum file, and of each file it lists


def write_checksums(folder: Path) -> None:
    """Write the checksum file of the bundle in `folder`, replacing an older one.

    Raises BundleRefused if the folder holds no bundle.
    """
    if not (folder / CHECKSUMMED_FILES[0]).is_file():
        raise BundleRefused(f"{folder} holds no {CHECKSUMMED_FILES[0]}; give a bundle's folder")
    names = [name for name in CHECKSUMMED_FILES if (folder / name).exists()]
    lines = (
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    )
    (folder / CHECKSUM_FILE).write_text("".join(lines))


def verify_checksums(folder: Path) -> None:
    """Verify the bundle in `folder` against its checksum file, if it has one.

    Raises BundleRefused naming the changed file.
    """
    path = folder / CHECKSUM_FILE
    if not path.exists():
        return
    text = read_bounded(path, MAX_BYTES).decode("ascii", errors="replace")
    listed = {
        name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())
    }
    if (
        text != "".join(f"{digest}  {name}\n" for name, digest in listed.items())
        or "bundle.json" not in listed
    ):
        raise BundleRefused(f"{path} is no checksum file; get a complete bundle")
    for name, digest in listed.items():
        if name not in CHECKSUMMED_FILES or not re.fullmatch("[0-9a-f]{64}", digest):
            raise BundleRefused(
                f"{path} lists {name!r}; it may list {' and '.join(CHECKSUMMED_FILES)} only. "
                "Get a complete bundle"
            )
        if hashlib.sha256(read_bounded(folder / name, MAX_BYTES)).hexdigest() != digest:
            raise BundleRefused(
                f"{folder / name} differs from its checksum in {path}; get a complete bundle"
            )


if __name__ == "__main__":
    write_checksums(Path(sys.argv[1]))
