"""Start of the web server, where the extra `web` is installed."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from realtime.core.errors import UsageError
from realtime.outputs.events import EventHub
from realtime.outputs.web.options import WebOptions

if TYPE_CHECKING:
    from realtime.outputs.web.server import WebServer

PACKAGES = ("starlette", "uvicorn", "websockets")


def start_server(options: WebOptions, hub: EventHub) -> WebServer:
    """Return a server that runs; raises `UsageError` or `WebServerError` if it cannot."""
    try:
        from realtime.outputs.web.server import WebServer
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in PACKAGES:
            raise
        raise UsageError(
            f"--serve needs the package {error.name}. Run `pip install 'genuine-gauge[web]'`"
        ) from None
    return WebServer(options, hub, version("genuine-gauge")).start()
