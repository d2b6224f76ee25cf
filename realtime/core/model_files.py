"""Model files of dlib that an installed package carries."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from engines.errors import GaugeError

PACKAGE = "face_recognition_models"
REINSTALL = f"`pip install --force-reinstall {PACKAGE}`"


def model_file(name: str, what: str) -> Path:
    """Return the path of the file `name`, called `what` in the `GaugeError` without it.

    The package is located without import, since importing it requires `pkg_resources`.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise GaugeError(
            f"the {what} is missing: no package {PACKAGE}. Run `pip install {PACKAGE}`."
        )
    path = Path(spec.submodule_search_locations[0]) / "models" / name
    if not path.is_file():
        raise GaugeError(f"no {what} {path}. Run {REINSTALL}.")
    return path
