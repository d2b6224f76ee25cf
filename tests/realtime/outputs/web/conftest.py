"""Running web servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from gauge_moments import snapshot

if TYPE_CHECKING:
    from running_server import RunningServer

Serve = Callable[..., "RunningServer"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers on free ports; each has shown a snapshot. Stopped with the test."""
    pytest.importorskip("uvicorn")
    pytest.importorskip("websockets")
    from running_server import RunningServer

    from realtime.outputs.events import EventHub
    from realtime.outputs.web.options import WebOptions
    from realtime.outputs.web.server import WebServer

    with ExitStack() as stack:

        def start(address: str = "0", token: str | None = None, **options: object) -> RunningServer:
            hub = EventHub()
            made = WebOptions.of(address, token, **options)  # type: ignore[arg-type]
            server = WebServer(made, hub, "1.2.3").start()
            stack.callback(server.stop)
            server.show(snapshot())
            return RunningServer(server, hub, stack.enter_context(ExitStack()))

        yield start
