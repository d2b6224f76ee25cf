from __future__ import annotations

import pytest

from engines import availability, registry
from engines.availability import CheckResult, check_engines, engine_fault
from engines.errors import EngineUnavailable
from engines.model.shape import PRESETS
from engines.model.weights import weight_count
from engines.registry import ENGINES, Backend

LIVE = weight_count(PRESETS["live"])


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Native and one that is nowhere."""
    known = {
        "native": ENGINES["native"],
        "nowhere": Backend("engines.nowhere", "Nothing", "", "pip install it"),
    }
    monkeypatch.setattr(registry, "ENGINES", known)


@pytest.mark.usefixtures("only")
def test_reports_each_engine_as_usable_or_with_reason_and_remedy() -> None:
    auto, native, nowhere = check_engines("auto", LIVE)
    assert auto.details.startswith("picks native: the fastest")
    assert native == CheckResult("native", True, ENGINES["native"].summary, required=True)
    assert not nowhere.ok
    assert nowhere.details.endswith("(No module named 'engines.nowhere'); try: pip install it")
    assert not nowhere.required


@pytest.mark.usefixtures("only")
def test_the_requested_engine_is_required() -> None:
    assert [found.name for found in check_engines("nowhere", LIVE) if found.required] == ["nowhere"]


def test_runs_an_engine_instead_of_only_importing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_fault("native") is None

    def torn(self: object, *arguments: object) -> None:
        raise MemoryError("no room\nfor it")

    monkeypatch.setattr("engines.native.engine.NativeEngine._loss_and_gradient_impl", torn)
    assert engine_fault("native") == "engine native fails: MemoryError: no room for it"


def test_passes_on_the_reason_of_an_unavailable_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, network: object) -> None:
        raise EngineUnavailable("not here; try: that")

    monkeypatch.setattr(registry, "create_engine", refuse)
    assert engine_fault("native") == "not here; try: that"


def test_names_the_cpu_and_its_simd_features(monkeypatch: pytest.MonkeyPatch) -> None:
    from llvmlite import binding

    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "abacus")
    monkeypatch.setattr(
        binding, "get_host_cpu_features", lambda: {"avx2": True, "fma": True, "avx512f": False}
    )
    assert availability.check_cpu() == CheckResult("CPU", True, "abacus with fma, avx2")


def test_a_line_starts_with_the_status() -> None:
    assert str(CheckResult("dlib", True, "20.0", required=True)).startswith("ok  dlib ")
    assert str(CheckResult("dlib", False, "gone", required=True)).startswith("BAD dlib ")
    assert str(CheckResult("cameras", False, "none")).startswith("-   cameras ")
