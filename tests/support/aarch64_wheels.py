"""Print a table of the wheels that an ARM machine (aarch64, Linux) gets of every dependency.

python tests/support/aarch64_wheels.py [--python 3.11 3.12 3.13] [--extras web osc lsl]

Downloads each wheel for that platform by `pip download`, in the versions of constraints.txt, and
follows what its metadata requires on that platform. Needs the package index; takes minutes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# The C library of the oldest system named in docs/DEPLOY.md is 2.35.
GLIBC = (17, 24, 27, 28, 31, 34, 35)
PLATFORMS = ("manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in GLIBC))
PYTHONS, EXTRAS = ("3.11", "3.12", "3.13"), ("web", "osc", "lsl")
SOURCE, MISSING = "source", "none"


@dataclass(frozen=True, slots=True)
class Found:
    """What the index has of a package: `platform` is a tag, `any`, `source` or `none`."""

    name: str
    version: str
    platform: str
    requires: tuple[str, ...] = ()


Find = Callable[[Requirement], Found]


def environment(python: str) -> dict[str, str]:
    """Return the values of requirement markers on an ARM machine with that Python."""
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": "aarch64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }


def project_requirements(extras: tuple[str, ...]) -> list[str]:
    """Return what the project requires, with its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in extras for line in optional[extra])]


def applies(requirement: Requirement, extras: set[str], python: str) -> bool:
    """Return whether a marker is true on that machine, for one of `extras` or without any."""
    marker, values = requirement.marker, environment(python)
    return marker is None or any(
        marker.evaluate({**values, "extra": extra}) for extra in (extras or {""})
    )


def closure(lines: list[str], python: str, find: Find) -> list[Found]:
    """Return everything that `lines` lead to, sorted by name."""
    waiting = [(Requirement(line), set[str]()) for line in lines]
    seen: dict[str, Found] = {}
    while waiting:
        requirement, extras = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        if name in seen or not applies(requirement, extras, python):
            continue
        seen[name] = found = find(requirement)
        waiting += [(Requirement(line), requirement.extras) for line in found.requires]
    return [seen[name] for name in sorted(seen)]


def downloader(python: str, folder: Path) -> Find:
    """Return a function that downloads the wheel of a requirement into `folder`."""

    def find(requirement: Requirement) -> Found:
        wanted = f"{requirement.name}{requirement.specifier}"
        place = folder / canonicalize_name(requirement.name)
        tags = [f"--platform={platform}" for platform in PLATFORMS]
        binary = ["--only-binary=:all:", f"--python-version={python}", *tags]
        if not (
            _download(wanted, place, binary) or _download(wanted, place, ["--no-binary=:all:"])
        ):
            return Found(requirement.name, "", MISSING)
        return described(next(place.iterdir()))

    return find


def described(file: Path) -> Found:
    """Return what a downloaded file is; a source archive's requirements are not read."""
    if file.suffix != ".whl":
        name, version = file.name.removesuffix(".tar.gz").rsplit("-", 1)
        return Found(name, version, SOURCE)
    with zipfile.ZipFile(file) as wheel:
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(wheel.read(metadata).decode())
    tags = file.stem.rsplit("-", 1)[1]
    libraries = re.findall(
        r"manylinux_2_(\d+)", tags
    )  # oldest C library, whatever else it is named
    platform = f"manylinux_2_{min(libraries, key=int)}" if libraries else tags
    required = tuple(fields.get_all("Requires-Dist") or ())
    return Found(fields["Name"], fields["Version"], platform, required)


def table(columns: dict[str, list[Found]]) -> Iterator[str]:
    """Yield a Markdown table with a row per package and a column per Python."""
    yield f"| package | version | {' | '.join(f'Python {python}' for python in columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    rows: dict[str, dict[str, Found]] = {}
    for python, founds in columns.items():
        for found in founds:
            rows.setdefault(canonicalize_name(found.name), {})[python] = found
    for name in sorted(rows):
        row = rows[name]
        versions = ", ".join(sorted({found.version for found in row.values() if found.version}))
        platforms = [row[python].platform if python in row else "not needed" for python in columns]
        yield f"| {name} | {versions} | {' | '.join(platforms)} |"


def _download(wanted: str, place: Path, options: list[str]) -> bool:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
    constraints = ["-c", str(ROOT / "constraints.txt"), "-d", str(place), wanted]
    done = subprocess.run([*command, *constraints], capture_output=True, text=True, timeout=600)
    return done.returncode == 0


def main() -> None:
    """Print the table, then what has no wheel."""
    options = argparse.ArgumentParser(description="Check the wheels of an ARM machine.")
    options.add_argument("--python", nargs="+", default=PYTHONS)
    options.add_argument("--extras", nargs="*", default=EXTRAS)
    given = options.parse_args()
    columns = {}
    for python in given.python:
        with tempfile.TemporaryDirectory() as folder:
            lines = project_requirements(tuple(given.extras))
            columns[python] = closure(lines, python, downloader(python, Path(folder)))
    print("\n".join(table(columns)))
    lacking = {
        f"{found.name} ({found.platform}, Python {python})"
        for python, founds in columns.items()
        for found in founds
        if found.platform in (SOURCE, MISSING)
    }
    print(f"\nwithout a wheel: {', '.join(sorted(lacking)) or 'nothing'}")


if __name__ == "__main__":
    main()
