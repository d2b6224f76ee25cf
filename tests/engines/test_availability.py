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
    monkeypatch.setattr(availability, "ENGINES", known)


@pytest.mark.usefixtures("only")
def test_each_engine_is_usable_or_has_its_reason_and_remedy() -> None:
    auto, native, nowhere = check_engines("auto", LIVE)
    assert auto.details.startswith("picks native: the fastest")
    assert native == CheckResult("native", True, ENGINES["native"].summary, required=True)
    assert not nowhere.ok
    assert nowhere.details.endswith("(No module named 'engines.nowhere'); try: pip install it")
    assert not nowhere.required


@pytest.mark.usefixtures("only")
def test_the_engine_that_was_asked_for_is_the_one_needed() -> None:
    assert [found.name for found in check_engines("nowhere", LIVE) if found.required] == ["nowhere"]


def test_an_engine_is_tried_not_only_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_fault("native") is None

    def torn(self: object, *arguments: object) -> None:
        raise MemoryError("no room\nfor it")

    monkeypatch.setattr("engines.native.engine.NativeEngine._loss_and_gradient_impl", torn)
    assert engine_fault("native") == "engine native fails: MemoryError: no room for it"


def test_a_reason_of_our_own_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, network: object) -> None:
        raise EngineUnavailable("not here; try: that")

    monkeypatch.setattr(availability, "create_engine", refuse)
    assert engine_fault("native") == "not here; try: that"


def test_the_processor_is_named_with_what_makes_it_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    from llvmlite import binding

    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "abacus")
    monkeypatch.setattr(
        binding, "get_host_cpu_features", lambda: {"avx2": True, "fma": True, "avx512f": False}
    )
    assert availability.check_cpu() == CheckResult("CPU", True, "abacus with fma, avx2")


def test_a_line_shows_at_its_start_what_matters() -> None:
    assert str(CheckResult("dlib", True, "20.0", required=True)).startswith("ok  dlib ")
    assert str(CheckResult("dlib", False, "gone", required=True)).startswith("BAD dlib ")
    assert str(CheckResult("cameras", False, "none")).startswith("-   cameras ")
