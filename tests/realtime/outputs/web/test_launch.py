from __future__ import annotations

import sys

import pytest

from realtime.core.errors import UsageError
from realtime.outputs.events import EventHub
from realtime.outputs.web.launch import start_server
from realtime.outputs.web.options import WebOptions


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "realtime.outputs.web.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=r"pip install 'genuine-gauge\[web\]'"):
        start_server(WebOptions(), EventHub())


def test_a_server_runs() -> None:
    pytest.importorskip("uvicorn")
    server = start_server(WebOptions(), EventHub())
    assert server.url.startswith("http://127.0.0.1:")
    server.stop()
