"""Wheel and sdist as `make release` builds them, but without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IGNORED = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the folders of two builds of one copy of the source."""
    folder = tmp_path_factory.mktemp("release")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".git", *IGNORED))
    outs = [folder / "first", folder / "second"]
    for out in outs:
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
        subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
        (source / "README.md").touch()  # a date is no content
    return outs


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_the_same_source_gives_the_same_bytes(builds: list[Path], pattern: str) -> None:
    first, second = (only(folder, pattern).read_bytes() for folder in builds)
    assert first == second


def test_the_wheel_holds_the_packages_with_all_their_files(builds: list[Path]) -> None:
    names = set(zipfile.ZipFile(only(builds[0], "*.whl")).namelist())
    packages = (ROOT / name for name in ("engines", "realtime", "calibrate"))
    files = (path for package in packages for path in package.rglob("*") if path.is_file())
    expected = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_sdist_holds_what_it_takes_to_test_and_to_release(builds: list[Path]) -> None:
    with tarfile.open(only(builds[0], "*.tar.gz")) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    tests = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    assert tests <= names
    needed = {"Makefile", "constraints.txt", "CHANGELOG.md", "CITATION.cff", ".ci/run"}
    assert needed | {"docs/CLI.md", "docs/pictures/gauge.svg", "deploy/install.sh"} <= names
    assert not {name for name in names if "__pycache__" in name or name.startswith(".venv")}
