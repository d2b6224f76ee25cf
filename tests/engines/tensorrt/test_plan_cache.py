from dataclasses import replace
from pathlib import Path

from engines.tensorrt.plan_cache import PlanCache, PlanKey

KEY = PlanKey("bundle", "graph", "gpu", "11.4", "shapes")


def test_reads_what_it_wrote_and_nothing_else(tmp_path: Path) -> None:
    lines: list[str] = []
    cache = PlanCache(tmp_path / "plans", lines.append)
    assert cache.read("a.plan") is None
    cache.write("a.plan", b"code")
    assert cache.read("a.plan") == b"code"
    assert lines == []


def test_plans_differ_by_graph_and_share_timings() -> None:
    other = replace(KEY, graph_sha256="another")
    assert other.file_name != KEY.file_name
    assert other.timing_name == KEY.timing_name
    assert replace(KEY, gpu="another").timing_name != KEY.timing_name
