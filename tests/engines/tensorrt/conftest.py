"""A GPU in host memory in place of the CUDA and TensorRT libraries."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.engines.fake_gpu import IMPORTERS, FakeRuntime, FakeTensorrt


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., FakeTensorrt]]:
    """`gpu(...)` puts the doubles in the libraries' place and the cache into `tmp_path`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def make(gpus: int = 1, fails: str = "", version: str = "11.4.0.106") -> FakeTensorrt:
        runtime = FakeRuntime(gpus, fails)
        found = FakeTensorrt(runtime, version)
        bindings = ModuleType("cuda.bindings")
        bindings.runtime = runtime  # type: ignore[attr-defined]
        modules = {"tensorrt": found, "cuda": ModuleType("cuda"), "cuda.bindings": bindings}
        for name, module in (modules | {"cuda.bindings.runtime": runtime}).items():
            monkeypatch.setitem(sys.modules, name, module)
        for name in IMPORTERS:
            sys.modules.pop(name, None)
        return found

    yield make
    for name in IMPORTERS:
        sys.modules.pop(name, None)
