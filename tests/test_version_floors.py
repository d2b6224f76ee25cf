"""The constraints of `make oldest`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from version_floors import floors, requirements


def test_the_floor_of_a_range_is_pinned_with_its_marker() -> None:
    lines = ["b>=1.2,<5", "a-b>=3; sys_platform == 'linux'"]
    assert list(floors(lines)) == ["b==1.2", "a-b==3; sys_platform == 'linux'"]


@pytest.mark.parametrize("line", ["numpy", "numpy<3", "numpy~=2.1"])
def test_a_requirement_without_a_floor_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="has no lowest version"):
        list(floors([line]))


def test_every_requirement_is_read_but_those_of_a_gpu(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(
        "[project]\ndependencies = ['a>=1']\n[project.optional-dependencies]\n"
        "dev = ['b>=2']\ncalibrate = ['c>=3', 'a>=1']\ntensorrt = ['d>=4']\n"
    )
    assert requirements(project) == ["a>=1", "b>=2", "c>=3"]


def test_every_requirement_of_this_project_has_a_floor() -> None:
    pinned = dict(line.split(";")[0].split("==") for line in floors(requirements()))
    assert {"av", "numpy", "opencv-python", "torch", "pytest"} <= set(pinned)
    assert _numbers(pinned["numpy"]) <= _numbers(version("numpy"))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
