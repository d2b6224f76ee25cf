"""Folder of compiled code, and what happens without one.

Root can write every folder, so files take the place of folders here.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import pytest

from engines.errors import EngineUnavailable
from engines.native.compile_cache import compile_cache_folder, jit_compiled

FLOATS = numba.types.float32[::1]


@pytest.fixture(autouse=True)
def user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "kernel", ModuleType("kernel"))  # removed at the end
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "kernel.py").write_text("def double(x):\n    x[0] = x[0] + x[0]\n")
    return folder


def double(package: Path) -> Callable[..., None]:
    """The function in a module of its own, as a new process would import it."""
    spec = spec_from_file_location("kernel", package / "kernel.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules["kernel"] = module  # numba finds it by name once the last of its code is collected
    return module.double  # type: ignore[no-any-return]


def doubles(function: Callable[..., None]) -> bool:
    number = np.full(1, 1.5, np.float32)
    jit_compiled(function, FLOATS)(number)
    return bool(number[0] == 3)


def test_caches_beside_the_source(package: Path) -> None:
    assert compile_cache_folder(double(package)) == package / "__pycache__"
    assert doubles(double(package))
    (kept,) = (package / "__pycache__").glob("kernel.double-*.nbc")
    gc.collect()  # as in a new process, nothing is left of the first
    again = jit_compiled(double(package), FLOATS)
    assert sum(again.stats.cache_hits.values()) == 1  # type: ignore[attr-defined]
    assert kept.exists()


def test_caches_in_the_user_folder_if_the_package_is_read_only(
    package: Path, user_cache: Path
) -> None:
    (package / "__pycache__").write_text("")
    folder = compile_cache_folder(double(package))
    assert folder is not None
    assert user_cache in folder.parents
    assert doubles(double(package))
    assert list(folder.glob("kernel.double-*.nbc"))


def test_compiles_in_memory_without_a_writable_folder(package: Path, user_cache: Path) -> None:
    (package / "__pycache__").write_text("")
    user_cache.write_text("")
    assert compile_cache_folder(double(package)) is None
    assert doubles(double(package))


def test_names_a_damaged_cache_with_its_remedy(package: Path) -> None:
    assert doubles(double(package))
    (index,) = (package / "__pycache__").glob("kernel.double-*.nbi")
    index.write_bytes(index.read_bytes()[:-20])
    with pytest.raises(
        EngineUnavailable, match=r"read compiled code in .*__pycache__ .*; remove it"
    ):
        doubles(double(package))


def test_blames_no_folder_without_a_cache(
    package: Path, user_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "__pycache__").write_text("")
    user_cache.write_text("")
    function = double(package)
    compile_cache_folder(function)

    def full(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(numba, "njit", full)
    with pytest.raises(MemoryError, match="no room"):
        jit_compiled(function, FLOATS)


def test_passes_on_a_compile_error_of_the_function(package: Path) -> None:
    (package / "kernel.py").write_text("def double(x):\n    x.nonsense()\n")
    with pytest.raises(numba.core.errors.TypingError, match="nonsense"):
        doubles(double(package))


def test_loads_without_scipy_linalg_which_stays_importable() -> None:
    code = (
        "import sys, engines.native.engine\n"
        "print('scipy.linalg' in sys.modules)\nimport scipy.linalg"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "False\n"
