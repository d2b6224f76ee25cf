from __future__ import annotations

from pathlib import Path

import pytest

from engines.errors import BundleRefused
from realtime.verdict import model_sandbox
from realtime.verdict.model_sandbox import check_model_in_sandbox, sandbox_failure

TREES = (Path(__file__).parents[2] / "support" / "booster.ubj").read_bytes()
HANG = "import signal; signal.pause()"
CRASH = "import os; os.kill(os.getpid(), 11)"
OUT_OF_MEMORY = "raise MemoryError('bad allocation\\n  Stack trace:\\n\\n')"


@pytest.fixture(autouse=True)
def empty_cache():
    sandbox_failure.cache_clear()
    yield
    sandbox_failure.cache_clear()


def test_valid_trees_pass_and_other_bytes_fail() -> None:
    """Even where XGBoost raises: another process may crash on the same bytes."""
    assert sandbox_failure(TREES) == ""
    assert "XGBoostError" in sandbox_failure(b"no trees")


@pytest.mark.parametrize(
    ("child", "reason"), [(CRASH, "signal 11"), (OUT_OF_MEMORY, "MemoryError: bad allocation")]
)
def test_a_model_that_crashes_its_process_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, child: str, reason: str
) -> None:
    monkeypatch.setattr(model_sandbox, "CHILD", child)
    with pytest.raises(
        BundleRefused, match=rf"trees\.ubj cannot be used by XGBoost \({reason}\); do not use"
    ):
        check_model_in_sandbox(TREES, "trees.ubj")


def test_a_model_that_hangs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_sandbox, "CHILD", HANG)
    monkeypatch.setattr(model_sandbox, "LIMIT_S", 0.1)
    with pytest.raises(BundleRefused, match=r"no answer within 0\.1 s"):
        check_model_in_sandbox(TREES, "trees.ubj")


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes 256 MiB more than the imports fails under a limit of 1 MiB, and only there."""
    hungry = model_sandbox.CHILD + "bytearray(256 << 20)\n"
    monkeypatch.setattr(model_sandbox, "CHILD", hungry)
    assert sandbox_failure(TREES) == ""
    sandbox_failure.cache_clear()
    monkeypatch.setattr(model_sandbox, "MEMORY_BYTES", 1 << 20)
    assert sandbox_failure(TREES) != ""


def test_valid_trees_pass_under_a_lower_inherited_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under `ulimit -v`: the sandbox stays within the limit it inherits."""
    pytest.importorskip("resource")
    lower = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({4 << 30},) * 2)\n"
    monkeypatch.setattr(model_sandbox, "CHILD", lower + model_sandbox.CHILD)
    assert sandbox_failure(TREES) == ""


def test_a_module_in_the_working_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xgboost.py").write_text("raise SystemExit('mine')")
    monkeypatch.chdir(tmp_path)
    assert sandbox_failure(TREES) == ""
