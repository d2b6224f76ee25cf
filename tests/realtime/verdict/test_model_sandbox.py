from __future__ import annotations

from pathlib import Path

import pytest

from engines.errors import BundleRefused
from realtime.verdict import model_sandbox
from realtime.verdict.model_sandbox import check_model_in_sandbox, sandbox_failure

TREES = (Path(__file__).parents[2] / "support" / "booster.ubj").read_bytes()
HANGS = "import signal; signal.pause()"
DIES = "import os; os.kill(os.getpid(), 11)"
TAKES_ALL = "raise MemoryError('bad allocation\\n  Stack trace:\\n\\n')"


@pytest.fixture(autouse=True)
def anew():
    sandbox_failure.cache_clear()
    yield
    sandbox_failure.cache_clear()


def test_trees_that_are_fine_pass_and_bytes_that_are_none_do_not() -> None:
    """Even where XGBoost says so politely: another process may crash on the same bytes."""
    assert sandbox_failure(TREES) == ""
    assert "XGBoostError" in sandbox_failure(b"no trees")


@pytest.mark.parametrize(
    ("child", "why"), [(DIES, "signal 11"), (TAKES_ALL, "MemoryError: bad allocation")]
)
def test_what_ends_its_process_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, child: str, why: str
) -> None:
    monkeypatch.setattr(model_sandbox, "CHILD", child)
    with pytest.raises(
        BundleRefused, match=rf"trees\.ubj cannot be used by XGBoost \({why}\); do not use"
    ):
        check_model_in_sandbox(TREES, "trees.ubj")


def test_what_never_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_sandbox, "CHILD", HANGS)
    monkeypatch.setattr(model_sandbox, "LIMIT_S", 0.1)
    with pytest.raises(BundleRefused, match=r"no answer within 0\.1 s"):
        check_model_in_sandbox(TREES, "trees.ubj")


def test_trees_may_not_take_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hardly any to take, those that are fine fail: the limit holds."""
    monkeypatch.setattr(model_sandbox, "MEMORY_BYTES", 1 << 20)
    assert sandbox_failure(TREES) != ""


def test_fine_trees_pass_where_less_memory_is_allowed_than_the_trial_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As under `ulimit -v`: the trial asks for no more than it may have."""
    pytest.importorskip("resource")
    lower = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({4 << 30},) * 2)\n"
    monkeypatch.setattr(model_sandbox, "CHILD", lower + model_sandbox.CHILD)
    assert sandbox_failure(TREES) == ""


def test_a_module_beside_a_bundle_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xgboost.py").write_text("raise SystemExit('mine')")
    monkeypatch.chdir(tmp_path)
    assert sandbox_failure(TREES) == ""
