"""The seal of a bundle: sha256 of what its manifest cannot vouch for, the manifest itself first of all.

The form is that of `sha256sum`, so `sha256sum -c bundle.sha256` checks it, too. `python -m engines.bundle.checksums FOLDER` seals.
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
MAX_BYTES = 4 << 20  # of a seal, and of each file that it vouches for


def write_checksums(folder: Path) -> None:
    """Write the seal of the bundle in `folder`, over an older one; raises `BundleRefused` where there is no bundle."""
    if not (folder / CHECKSUMMED_FILES[0]).is_file():
        raise BundleRefused(f"{folder} holds no {CHECKSUMMED_FILES[0]}; give a bundle's folder")
    names = [name for name in CHECKSUMMED_FILES if (folder / name).exists()]
    lines = (
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    )
    (folder / CHECKSUM_FILE).write_text("".join(lines))


def verify_checksums(folder: Path) -> None:
    """Hold the bundle in `folder` against its seal, if it has one; raises `BundleRefused` naming what changed."""
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
        raise BundleRefused(f"{path} is no seal; get a whole bundle")
    for name, digest in listed.items():
        if name not in CHECKSUMMED_FILES or not re.fullmatch("[0-9a-f]{64}", digest):
            raise BundleRefused(
                f"{path} vouches for {name!r}, not for {' and '.join(CHECKSUMMED_FILES)}; get a whole bundle"
            )
        if hashlib.sha256(read_bounded(folder / name, MAX_BYTES)).hexdigest() != digest:
            raise BundleRefused(f"{folder / name} differs from its seal {path}; get a whole bundle")


if __name__ == "__main__":
    write_checksums(Path(sys.argv[1]))
