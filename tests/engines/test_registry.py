from __future__ import annotations

import subprocess
import sys

import pytest

from engines import registry
from engines.errors import EngineUnavailable
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape, StepRule
from engines.model.weights import random_weights, weight_count
from engines.registry import AUTO, ENGINES, Backend, choose_engine, create_engine, why_unavailable

SHAPE = NetworkShape(hidden=4, blocks=1)
NETWORK = Network("some", SHAPE, StepRule((0.5,), 0.01, 0.9), random_weights(SHAPE, 0))


def test_auto_creates_the_engine_it_reports() -> None:
    name, reason = choose_engine(weight_count(SHAPE))
    assert create_engine(AUTO, NETWORK).name == name
    assert reason


def test_auto_picks_fp16_for_a_large_network_on_a_cpu_with_f16c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert choose_engine(weight_count(PRESETS["live"]))[0] == "native"
    for widens, name in ((True, "native-fp16"), (False, "native")):
        monkeypatch.setattr(
            "engines.native.engine.has_fp16_conversion", lambda widens=widens: widens
        )
        assert choose_engine(weight_count(PRESETS["paper"]))[0] == name
    assert "this processor has no F16C" in str(why_unavailable("native-fp16"))


def test_the_engine_auto_picks_runs_here() -> None:
    assert why_unavailable(choose_engine(weight_count(SHAPE))[0]) is None


def test_an_unknown_name_lists_the_engines() -> None:
    with pytest.raises(
        EngineUnavailable,
        match=r"no engine is named 'warp'; choose one of auto, native, native-fp16",
    ):
        create_engine("warp", NETWORK)


@pytest.mark.parametrize("name", ["torch", "native"])
def test_names_a_missing_package_with_its_install_command(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = {"torch": "torch", "native": "numba"}[name]
    monkeypatch.setitem(sys.modules, package, None)
    for module in ("engines.model.lstm_pb", "engines.native.kernels", ENGINES[name].module):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(
        EngineUnavailable, match=rf"engine {name} cannot run here .*try: pip install {package}"
    ):
        create_engine(name, NETWORK)


def test_auto_does_not_fall_back_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Backend("engines.no_such_module", "Nothing", "", "pip install it")
    monkeypatch.setitem(registry.ENGINES, "native", missing)
    with pytest.raises(EngineUnavailable, match="try: pip install it"):
        create_engine(AUTO, NETWORK)


def test_the_registry_imports_no_backend() -> None:
    code = (
        "import sys, engines.registry\n"
        "sys.exit(' '.join({'numba', 'torch', 'onnx', 'onnxruntime'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
