"""Bundle on disk: `bundle.json`, its arrays and its boosters, each file checked before use.

The manifest lists every file with its size and sha256, so the sha256 of the manifest identifies the
whole bundle; an optional checksum file holds that of the manifest (see `engines.bundle.checksums`).
Nothing is unpickled, no file outside the folder is opened, and no more is read than the manifest
declares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engines.bundle.checksums import verify_checksums
from engines.bundle.safe_read import read_bounded
from engines.errors import BundleRefused
from engines.model.network import Floats, Network
from engines.model.shape import NetworkShape, StepRule

MANIFEST_FORMAT = 1
MANIFEST = "bundle.json"
ARRAYS = "arrays.safetensors"
DEFAULT_BUNDLE = Path(__file__).parents[1] / "bundles" / "default"
MAX_MANIFEST_BYTES = 4 << 20
MAX_FILE_BYTES = 256 << 20
MAX_FILES = 64
# data only, nothing that can hold code: no pickle, no graph, no library
ALLOWED_SUFFIXES = (".safetensors", ".ubj")


@dataclass(frozen=True)
class ManifestSection:
    """Part of the manifest with typed access by key.

    Each accessor raises BundleRefused naming a missing or mistyped key.
    """

    where: str
    values: Mapping[str, Any]

    def section(self, key: str) -> ManifestSection:
        """Return the nested object at `key`."""
        return ManifestSection(f"{self.where}.{key}", self._get(key, dict, "an object"))

    def text(self, key: str) -> str:
        """Return the string at `key`."""
        return str(self._get(key, str, "a text"))

    def number(self, key: str) -> float:
        """Return the number at `key`."""
        return float(self._get(key, (int, float), "a number"))

    def integer(self, key: str) -> int:
        """Return the whole number at `key`."""
        return int(self._get(key, int, "a whole number"))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of strings at `key`."""
        return tuple(str(item) for item in self._get(key, list, "a list"))

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return the list of numbers at `key`, flattened."""
        return tuple(float(item) for item in self.array(key).ravel())

    def array(self, key: str) -> Floats:
        """Return the numbers at `key`, nested or not, as float32."""
        try:
            array = np.asarray(self._get(key, list, "a list of numbers"), np.float32)
        except (TypeError, ValueError):
            raise BundleRefused(
                f"{self.where}.{key} is no list of numbers; get a complete bundle"
            ) from None
        if not np.isfinite(array).all():
            raise BundleRefused(
                f"{self.where}.{key} holds a number that is not finite; get a complete bundle"
            )
        return array

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def _get(self, key: str, kind: type | tuple[type, ...], name: str) -> Any:
        value = self.values.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BundleRefused(
                f"{self.where}.{key} is {value!r:.60}; want {name}. Get a complete bundle"
            )
        return value


@dataclass(frozen=True)
class Bundle:
    """Loaded bundle whose files all have the declared size and sha256."""

    path: Path
    sha256: str
    manifest: ManifestSection
    _arrays: dict[str, Floats] = field(default_factory=dict, repr=False)

    @staticmethod
    def load(path: Path) -> Bundle:
        """Read and check the bundle in the folder `path`.

        Raises BundleRefused naming the faulty file.
        """
        raw = read_bounded(path / MANIFEST, MAX_MANIFEST_BYTES)
        manifest = _parse_manifest(path, raw)
        verify_checksums(path)
        files = manifest.section("files")
        if len(files.values) > MAX_FILES:
            raise BundleRefused(
                f"{path / MANIFEST} lists {len(files.values)} files; the most is {MAX_FILES}"
            )
        for name in files.values:
            _read_listed_file(path, name, files.section(name))
        return Bundle(path, hashlib.sha256(raw).hexdigest(), manifest, _read_arrays(path, files))

    @property
    def networks(self) -> tuple[str, ...]:
        """Return the names of the networks."""
        return tuple(self.manifest.section("networks").values)

    @property
    def emotions(self) -> tuple[str, ...]:
        """Return the names of the emotions."""
        return tuple(self.manifest.section("emotions").values)

    def network(self, name: str) -> Network:
        """Return the network called `name` with its weights."""
        part = self.manifest.section("networks").section(name)
        try:
            shape = NetworkShape(part.integer("hidden"), part.integer("blocks"))
            rule = StepRule(
                part.numbers("step_lengths"), part.number("softening"), part.number("own")
            )
        except ValueError as error:
            raise BundleRefused(f"{part.where}: {error}; get a complete bundle") from None
        return Network.from_arrays(name, shape, rule, self._arrays, self.sha256)

    @property
    def arrays(self) -> Mapping[str, Floats]:
        """Return all arrays by key, as they are in the file."""
        return self._arrays

    def array(self, key: str) -> Floats:
        """Return one of the bundle's arrays, finite float32."""
        array = self._arrays.get(key)
        if array is None or array.dtype != np.float32 or not np.isfinite(array).all():
            fault = "is missing" if array is None else f"is {array.dtype} or not finite"
            raise BundleRefused(f"{self.path / ARRAYS}: {key} {fault}; get a complete bundle")
        return array

    def file(self, name: str) -> bytes:
        """Return the bytes of a listed file, checked again: it may have changed since loading."""
        files = self.manifest.section("files")
        return _read_listed_file(self.path, name, files.section(name))


def _parse_manifest(path: Path, raw: bytes) -> ManifestSection:
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:  # RecursionError: endless brackets
        raise BundleRefused(
            f"{path / MANIFEST} is no JSON ({error}); get a complete bundle"
        ) from None
    if not isinstance(values, dict) or values.get("format") != MANIFEST_FORMAT:
        version = values.get("format") if isinstance(values, dict) else type(values).__name__
        raise BundleRefused(
            f"{path / MANIFEST} has format {version!r}; this version reads format {MANIFEST_FORMAT}"
        )
    return ManifestSection(MANIFEST, values)


def _read_listed_file(path: Path, name: str, entry: ManifestSection) -> bytes:
    if Path(name).name != name or name in {"", ".", "..", MANIFEST}:
        raise BundleRefused(
            f"{MANIFEST} lists a file {name!r} outside its folder; do not use this bundle"
        )
    if Path(name).suffix not in ALLOWED_SUFFIXES:
        raise BundleRefused(
            f"{MANIFEST} lists {name!r}; a bundle holds {' and '.join(ALLOWED_SUFFIXES)} only. "
            "Do not use it"
        )
    size = entry.integer("bytes")
    if not 0 < size <= MAX_FILE_BYTES:
        raise BundleRefused(
            f"{path / name} is declared with {size} bytes; the most is {MAX_FILE_BYTES}"
        )
    raw = read_bounded(path / name, size)
    if len(raw) != size or hashlib.sha256(raw).hexdigest() != entry.text("sha256"):
        raise BundleRefused(
            f"{path / name} differs from its manifest (sha256 or size); get a complete bundle"
        )
    return raw


def _read_arrays(path: Path, files: ManifestSection) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(_read_listed_file(path, ARRAYS, files.section(ARRAYS)))
    except (SafetensorError, ValueError, KeyError) as error:
        raise BundleRefused(
            f"{path / ARRAYS} is no safetensors file ({error}); get a complete bundle"
        ) from None
