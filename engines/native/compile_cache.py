"""numba imported without SciPy, and the cache of its machine code.

The cache is beside the source if that folder is writable, else in the user's cache folder;
`NUMBA_CACHE_DIR` overrides both.
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
    "no writable folder for compiled code: the engine is compiled at every start. "
    "Set NUMBA_CACHE_DIR to a writable folder"
)
SCIPY_LINALG = "scipy.linalg"


def jit_compiled(
    function: Callable[..., None], *signature: Any, **options: Any
) -> Callable[..., None]:
    """Return `function` compiled for `signature`, or loaded from the cache.

    Raises EngineUnavailable if the cache is damaged.
    """
    folder = compile_cache_folder(function)
    try:
        compiler = numba.njit(numba.types.void(*signature), cache=folder is not None, **options)
        return compiler(function)  # type: ignore[no-any-return]
    except NumbaError:  # the function is at fault, not the cache
        raise
    except Exception as error:  # a damaged cache file can raise anything
        if folder is None:
            raise
        why = f"{type(error).__name__}: {error}"
        raise EngineUnavailable(
            f"cannot write or read compiled code in {folder} ({why}); remove it, or free disk space"
        ) from error


@cache
def compile_cache_folder(function: Callable[..., None]) -> Path | None:
    """Return the cache folder for compiled code of `function`; None if none is writable."""
    try:
        return Path(str(numba.njit(cache=True)(function).stats.cache_path))
    except RuntimeError:  # numba found no writable folder
        return None


def is_uncompiled(function: Callable[..., None]) -> bool:
    """Return whether there is a cache folder and it holds no code of `function` yet.

    Code for another processor or version of numba counts, although it is compiled again.
    """
    folder, line = compile_cache_folder(function), function.__code__.co_firstlineno
    return folder is not None and not any(folder.glob(f"*.{function.__name__}-{line}.*.nbi"))


def _import_without_scipy() -> None:
    """Import the part of numba that probes for SciPy's BLAS while hiding SciPy.

    No kernel uses it, and importing it takes as long as importing all of numba.
    """
    if SCIPY_LINALG in sys.modules:
        return
    sys.modules[SCIPY_LINALG] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[SCIPY_LINALG]


_import_without_scipy()
