"""The landmark kernels are compiled beside those of the engine, once, where a cache keeps them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from realtime.landmarks import compile_ahead, tree_kernels
from realtime.landmarks.compile_ahead import finish_compiling, start_compiling

IN_NEW_CACHE = """if True:
    from realtime.landmarks import compile_ahead, tree_kernels
    from realtime.landmarks.compile_ahead import finish_compiling, start_compiling

    compile_ahead.LIMIT_S = 3000.0  # however busy the machine is
    child = start_compiling()
    assert child is not None
    finish_compiling(child)
    assert child.returncode == 0
    assert not tree_kernels.are_uncompiled()
    assert start_compiling() is None
    read_trees, fit_shapes = tree_kernels.compiled_kernels()
    assert sum(fit_shapes.stats.cache_hits.values()) == 1
    assert not fit_shapes.stats.cache_misses
"""


def test_what_the_child_compiled_is_loaded_here(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", IN_NEW_CACHE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=3000)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_child_is_started_for_kernels_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_kernels, "are_uncompiled", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    assert start_compiling() is None
    finish_compiling(None)


def test_a_child_that_fails_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_kernels, "are_uncompiled", lambda: True)
    monkeypatch.setattr(compile_ahead, "COMPILE", "raise SystemExit(3)")
    child = start_compiling()
    assert child is not None
    finish_compiling(child)
    assert child.returncode == 3


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_kernels, "are_uncompiled", lambda: True)
    monkeypatch.setattr(compile_ahead, "COMPILE", "import threading; threading.Event().wait(60)")
    monkeypatch.setattr(compile_ahead, "LIMIT_S", 0.01)
    child = start_compiling()
    assert child is not None
    finish_compiling(child)
    assert child.returncode is not None
    assert child.returncode < 0
