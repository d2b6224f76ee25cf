"""Files of the page, read once at the start: no request ever names a path on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "web"
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """Content of one file and its media type."""

    content: bytes
    media_type: str


def load_page(folder: Path = FOLDER) -> dict[str, PageFile]:
    """Return the page's files by name; those of other types are left out."""
    if not folder.is_dir():
        return {}
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in TYPES and path.is_file()]
    return {path.name: PageFile(path.read_bytes(), TYPES[path.suffix]) for path in paths}
