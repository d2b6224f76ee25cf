"""Files of the page, read once at the start: no request ever names a path on the disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from realtime.core.labels import FAKE, GENUINE
from realtime.view import phrases
from realtime.view.words import catalogue

FOLDER = Path(__file__).parents[3] / "web"
INDEX, WORDS = "index.html", "catalogue.js"
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
    """Return the page's files by name; those of other types are left out.

    One is made here: `catalogue.js`, all texts of the views in the chosen language.
    """
    if not folder.is_dir():
        return {}
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in TYPES and path.is_file()]
    files = {path.name: PageFile(path.read_bytes(), TYPES[path.suffix]) for path in paths}
    return files | {WORDS: PageFile(words_module().encode(), TYPES[".js"])}


def words_module() -> str:
    """Return the catalogue as a JavaScript module, with the highest percent of each tendency."""
    sides = {phrases.GENUINE_HEX: GENUINE, phrases.FAKE_HEX: FAKE, phrases.EITHER_HEX: "either"}
    tendencies = [(top, words, sides[hue]) for top, words, hue in phrases.tendencies()]
    values = {
        "LANGUAGE": catalogue.chosen_language(),
        "TENDENCIES": tendencies,
        "WORDS": dict(catalogue.table()),
    }
    return "".join(f"export const {name} = {json.dumps(each)};\n" for name, each in values.items())
