"""MkDocs hooks: the documents of the repository's root become pages, links to code become words.

The documents are written to be read in the repository, where a link may lead to any file. The site
holds only documents, so a link to a file of the code keeps its words alone.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PAGES = {  # document of the repository -> page of the site
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "PRIVACY.md": "privacy.md",
    "SECURITY.md": "security.md",
    "engines/bundles/default/MODEL_CARD.md": "model-card.md",
    "README.md": "index.md",  # the site has a start page of its own
}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add the documents outside docs/ as pages."""
    for source, page in PAGES.items():
        if files.get_file_from_path(page) is None:
            text = (ROOT / source).read_text(encoding="utf-8")
            files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Return the page with links that stay within the site."""
    here = page.file.src_uri
    made = {page_name: source for source, page_name in PAGES.items() if page_name != "index.md"}
    folder = posixpath.dirname(made.get(here, f"docs/{here}"))

    def within_site(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        wanted = PAGES.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(wanted) is None or not path.startswith(("docs/", *PAGES)):
            return text
        return f"[{text}]({posixpath.relpath(wanted, posixpath.dirname(here) or '.')}{anchor})"

    return LINK.sub(within_site, markdown)
