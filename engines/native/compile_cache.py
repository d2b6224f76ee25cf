"""numba as the engines use it: imported without SciPy, and its machine code kept for the next start.

It is kept beside the source where that can be written, else in the user's cache folder, or where `NUMBA_CACHE_DIR` is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.errors import NumbaError

from engines.errors import EngineUnavailable

NO_COMPILE_CACHE = (
    "no folder can be written to keep compiled code in: the engine is compiled at every start. "
    "Set NUMBA_CACHE_DIR to a folder of yours"
)
SCIPY_LINALG = "scipy.linalg"


def jit_compiled(
    function: Callable[..., None], *signature: Any, **options: Any
) -> Callable[..., None]:
    """`function` compiled for `signature`, or as it was kept; EngineUnavailable where what was kept is damaged."""
    folder = compile_cache_folder(function)
    try:
        compiler = numba.njit(numba.types.void(*signature), cache=folder is not None, **options)
        return compiler(function)  # type: ignore[no-any-return]
    except NumbaError:  # the function's own fault, not that of the folder
        raise
    except Exception as error:  # damaged files raise whatever they happen to look like
        if folder is None:
            raise
        why = f"{type(error).__name__}: {error}"
        raise EngineUnavailable(
            f"compiled code cannot be kept in or taken from {folder} ({why}); remove it, or make room there"
        ) from error


@cache
def compile_cache_folder(function: Callable[..., None]) -> Path | None:
    """The folder in which compiled code of `function` is kept; None where no such folder can be written."""
    try:
        return Path(str(numba.njit(cache=True)(function).stats.cache_path))
    except RuntimeError:  # numba's word for it
        return None


def _import_without_scipy() -> None:
    """Import the part of numba that looks for SciPy's BLAS, and let it find none.

    No kernel here uses it, and importing it takes as long as importing all of numba.
    """
    if SCIPY_LINALG in sys.modules:
        return
    sys.modules[SCIPY_LINALG] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[SCIPY_LINALG]


_import_without_scipy()
