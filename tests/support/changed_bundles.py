"""Bundles with another manifest, as another version of this project wrote them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.bundle.bundle import Bundle, ManifestSection

Change = Callable[[dict[str, Any]], object]


def changed(bundle: Bundle, change: Change, path: Path | None = None) -> Bundle:
    """Return `bundle` with `change` made in its manifest, and another `path` if given."""
    values = copy.deepcopy(dict(bundle.manifest.values))
    change(values)
    manifest = ManifestSection(bundle.manifest.where, values)
    return replace(bundle, manifest=manifest, path=path or bundle.path)


def without(*keys: str) -> Change:
    """Return a change that removes the last of the nested `keys`."""

    def remove(values: dict[str, Any]) -> None:
        for key in keys[:-1]:
            values = values[key]
        del values[keys[-1]]

    return remove


def setting(value: object, *keys: str) -> Change:
    """Return a change that sets the last of the nested `keys`."""

    def put(values: dict[str, Any]) -> None:
        for key in keys[:-1]:
            values = values[key]
        values[keys[-1]] = value

    return put
