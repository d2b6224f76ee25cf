"""Print the lowest version of each dependency that pyproject.toml allows, as constraints for pip.

python tests/support/version_floors.py > floors.txt
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<versions>[^;]*)(?P<marker>;.*)?")
NO_GPU = "tensorrt"  # an extra that only installs beside an NVIDIA GPU


def requirements(pyproject: Path = PYPROJECT) -> list[str]:
    """Return the requirements of the project and of its extras, but for those of a GPU."""
    project = tomllib.loads(pyproject.read_text())["project"]
    extras = project["optional-dependencies"]
    chosen = (lines for extra, lines in extras.items() if extra != NO_GPU)
    return sorted({*project["dependencies"], *(line for lines in chosen for line in lines)})


def floors(lines: Iterable[str]) -> Iterator[str]:
    """Yield `name==version` with the lowest version of each requirement, and its marker.

    Raises `ValueError` for a requirement without one: it promises what nobody has tried.
    """
    for line in lines:
        match = REQUIREMENT.fullmatch(line)
        lowest = [v for v in (match["versions"] if match else "").split(",") if v.startswith(">=")]
        if match is None or len(lowest) != 1:
            raise ValueError(f"{line!r} has no lowest version; want NAME>=VERSION")
        yield f"{match['name']}=={lowest[0][2:].strip()}{match['marker'] or ''}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in floors(requirements()))
