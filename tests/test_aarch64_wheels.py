"""The closure of requirements on an ARM machine, with an index of our own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from aarch64_wheels import MISSING, SOURCE, Found, closure, described, project_requirements, table
from packaging.requirements import Requirement

INDEX = {
    "numpy": Found("numpy", "2.0", "manylinux_2_28"),
    "scipy": Found("scipy", "1.0", "manylinux_2_17", ("numpy>=1", "pytest; extra == 'test'")),
    "xgboost": Found(
        "xgboost", "3.0", "manylinux_2_28", ("scipy", "nccl; platform_machine != 'aarch64'")
    ),
    "models": Found("models", "0.3", SOURCE),
    "rich": Found("rich", "15", "any", ("old; python_version < '3.12'",)),
}


def find(requirement: Requirement) -> Found:
    return INDEX.get(requirement.name, Found(requirement.name, "", MISSING))


def names(lines: list[str], python: str = "3.11") -> list[str]:
    return [found.name for found in closure(lines, python, find)]


def test_markers_are_those_of_the_other_machine() -> None:
    lines = ["xgboost-cpu; platform_machine == 'x86_64'", "xgboost; platform_machine != 'x86_64'"]
    assert names(lines) == ["numpy", "scipy", "xgboost"]


def test_python_and_extras_decide_too() -> None:
    assert names(["rich"], "3.11") == ["old", "rich"]
    assert names(["rich"], "3.12") == ["rich"]
    assert names(["scipy[test]"]) == ["numpy", "pytest", "scipy"]


def test_the_project_needs_no_code_of_a_gpu_there() -> None:
    """The full xgboost brings 300 MB of it."""
    found = names(project_requirements(("osc",)))
    assert {"xgboost-cpu", "numba", "python-osc"} <= set(found)
    assert "xgboost" not in found


def test_a_wheel_and_a_source_archive_are_told_apart(tmp_path: Path) -> None:
    wheel = tmp_path / "av-18.1.0-cp311-abi3-manylinux_2_28_aarch64.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        text = "Metadata-Version: 2.1\nName: av\nVersion: 18.1.0\nRequires-Dist: numpy\n"
        file.writestr("av-18.1.0.dist-info/METADATA", text)
    assert described(wheel) == Found("av", "18.1.0", "manylinux_2_28", ("numpy",))
    archive = tmp_path / "face_recognition_models-0.3.0.tar.gz"
    assert described(archive) == Found("face_recognition_models", "0.3.0", SOURCE)


def test_the_table_has_a_column_for_each_python() -> None:
    columns = {python: closure(["rich", "models"], python, find) for python in ("3.11", "3.12")}
    assert list(table(columns))[2:] == [
        "| models | 0.3 | source | source |",
        "| old |  | none | not needed |",
        "| rich | 15 | any | any |",
    ]


@pytest.mark.parametrize("extra", ["web", "osc", "lsl"])
def test_every_extra_of_a_deployment_exists(extra: str) -> None:
    assert len(project_requirements((extra,))) > len(project_requirements(()))
