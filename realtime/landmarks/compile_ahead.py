"""Compilation of the landmark kernels in a child process, while this one compiles the engine's.

Numba compiles in one thread at a time. At the first start on a machine both sets are due, seconds
each: the child leaves its set in the cache, from which this process then loads it.
"""

from __future__ import annotations

import subprocess
import sys

LIMIT_S = 300.0  # for the child; whatever it has not compiled by then is compiled here
COMPILE = "from realtime.landmarks.tree_kernels import compiled_kernels as c; c()"


def start_compiling() -> subprocess.Popen[bytes] | None:
    """Start the child; None if the kernels are cached, or no folder can hold a cache."""
    from realtime.landmarks import tree_kernels  # imports numba

    if not tree_kernels.are_uncompiled():
        return None
    command = [sys.executable, "-c", COMPILE]
    null = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=null, stdout=null, stderr=null)


def finish_compiling(child: subprocess.Popen[bytes] | None) -> None:
    """Wait until the child has ended. If it failed, the kernels are compiled when first used."""
    if child is None:
        return
    try:
        child.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
