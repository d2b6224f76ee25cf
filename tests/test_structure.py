"""Rules that keep the tree readable: folder sizes, unique names, mirror tests, signatures."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("engines", "realtime", "calibrate")
ENTRY_POINTS = {"__init__", "__main__"}
MAX_MODULES = 15  # of a folder; more are hard to take in at a glance
MAX_ROOT_MODULES = 4  # of a package's own folder
MAX_PARAMETERS = 6
LONG_SIGNATURES = {  # why each of these has more; the list may only become shorter
    "calibrate/bundle/writer.py::write_bundle": "one parameter per section of the manifest",
    "engines/native/kernels.py::_transform": "a Numba kernel takes its arrays one by one",
    "engines/native/kernels.py::_transform_back": "a Numba kernel takes its arrays one by one",
    "engines/native/kernels.py::_backward": "a Numba kernel takes its arrays one by one",
    "realtime/verdict/emotion_judge.py::__init__": "the parts of the judge, injected once",
}
PUBLIC_NAMES = {"Gauge", "Reading"}  # of `realtime/api`: users' words, like those of the stages
UNMIRRORED = ROOT / "tests" / "modules_without_mirror_test.txt"  # may only become shorter

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """Return every source module, relative to the root; packages' empty `__init__` are left out."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found if path.stat().st_size)


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text())


def functions(module: Path) -> list[Function]:
    return [node for node in ast.walk(tree(module)) if isinstance(node, Function)]


def parameters(function: Function) -> list[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


def public_functions(module: Path) -> list[Function]:
    """Return the functions and methods that other modules may call."""
    body = tree(module).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    holders = [body, *(each.body for each in classes if not each.name.startswith("_"))]
    found = [node for holder in holders for node in holder if isinstance(node, Function)]
    return [each for each in found if not each.name.startswith("_")]


def mirror(module: Path) -> Path:
    """Return where the tests of `module` belong."""
    return Path("tests") / module.parent / f"test_{module.stem.strip('_')}.py"


def test_no_folder_holds_more_modules_than_a_reader_takes_in() -> None:
    sizes = Counter(path.parent for path in modules() if path.stem not in ENTRY_POINTS)
    large = {
        str(folder): size
        for folder, size in sizes.items()
        if size > (MAX_ROOT_MODULES if str(folder) in PACKAGES else MAX_MODULES)
    }
    assert large == {}


def test_every_class_name_exists_once() -> None:
    homes = defaultdict(list)
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(str(module))
    for name in PUBLIC_NAMES:
        homes[name] = [home for home in homes[name] if not home.startswith("realtime/api/")]
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_function_has_the_name_of_its_module() -> None:
    same = [
        f"{module}::{node.name}"
        for module in modules()
        for node in tree(module).body
        if isinstance(node, Function) and node.name == module.stem
    ]
    assert same == []


def test_every_module_has_a_mirror_test_or_is_on_the_list_that_only_shrinks() -> None:
    sources = [path for path in modules() if path.stem not in ENTRY_POINTS]
    missing = {str(path) for path in sources if not (ROOT / mirror(path)).exists()}
    assert missing == set(UNMIRRORED.read_text().split())


def test_every_mirror_test_has_its_module() -> None:
    known = {mirror(path) for path in modules()}
    folders = {path.parent for path in known if len(path.parts) > 2}
    tests = {
        path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).glob("test_*.py")
    }
    assert sorted(map(str, tests - known)) == []


def test_functions_take_few_parameters() -> None:
    long = {
        f"{module}::{each.name}"
        for module in modules()
        for each in functions(module)
        if len(parameters(each)) > MAX_PARAMETERS
    }
    assert long == set(LONG_SIGNATURES)


def test_every_public_function_has_a_docstring() -> None:
    public = [(module, each) for module in modules() for each in public_functions(module)]
    bare = [f"{module}::{each.name}" for module, each in public if not ast.get_docstring(each)]
    assert bare == []


def test_opencv_is_imported_before_pyav() -> None:
    """The other way round, OpenCV's windows hang (realtime/view/window/display_check.py)."""
    for path in modules():
        lines = (ROOT / path).read_text().splitlines()
        first = {
            name: next(
                (
                    n
                    for n, line in enumerate(lines)
                    if line.startswith((f"import {name}", f"from {name}"))
                ),
                None,
            )
            for name in ("cv2", "av")
        }
        if first["av"] is not None:
            assert first["cv2"] is not None, path
            assert first["cv2"] < first["av"], path
