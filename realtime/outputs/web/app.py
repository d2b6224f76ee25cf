"""Routes of the web server. What each answers is described in docs/WEB.md."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from realtime.outputs.web import doors
from realtime.outputs.web.clients import ClientQueue
from realtime.outputs.web.content.metrics import CONTENT_TYPE, metrics_text
from realtime.outputs.web.content.openapi import describe_routes
from realtime.outputs.web.content.page_files import INDEX, PageFile
from realtime.outputs.web.content.pictures import BOUNDARY, Pictures
from realtime.outputs.web.state import WebState

JSON = "application/json"
EVENT_STREAM = "text/event-stream"
PICTURE_STREAM = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
NO_PICTURE_YET = "no picture yet"


class WebApp:
    """Handlers of all routes; `asgi` is the application. Owned by the event loop's thread."""

    def __init__(self, state: WebState, pictures: Pictures, page: Mapping[str, PageFile]) -> None:
        self._state, self._pictures, self._page = state, pictures, page
        routes: list[Route | WebSocketRoute] = [
            Route("/", self.index),
            Route("/static/{name}", self.static),
            Route("/status", self.status),
            Route("/events", self.events),
            Route("/healthz", self.health),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
            WebSocketRoute("/ws", self.websocket),
        ]
        if state.video:
            routes += [Route("/snapshot.jpg", self.snapshot), Route("/video", self.video)]
        self.asgi = Starlette(routes=routes)
        self.asgi.router.redirect_slashes = False

    async def index(self, request: Request) -> Response:
        """Answer with the page."""
        return self._file(INDEX)

    async def static(self, request: Request) -> Response:
        """Answer with a file of the page."""
        return self._file(request.path_params["name"])

    async def status(self, request: Request) -> Response:
        """Answer with the newest status."""
        try:
            return Response(self._state.status_text(), media_type=JSON)
        except LookupError as error:
            return PlainTextResponse(f"{error}\n", 503)

    async def health(self, request: Request) -> Response:
        """Answer whether the gauge runs; tells nothing about what it sees."""
        healthy = self._state.healthy
        text = json.dumps({"status": "ok" if healthy else "hung"})
        return Response(text, 200 if healthy else 503, media_type=JSON)

    async def metrics(self, request: Request) -> Response:
        """Answer with figures for Prometheus."""
        text = metrics_text(self._state.snapshot, self._state.door_counts())
        return Response(text, headers={"content-type": CONTENT_TYPE})

    async def openapi(self, request: Request) -> Response:
        """Answer with the description of all routes."""
        return Response(
            json.dumps(describe_routes(self._state.version, video=self._state.video)),
            media_type=JSON,
        )

    async def events(self, request: Request) -> Response:
        """Answer with server-sent events, resumed after `Last-Event-ID`."""
        if self._state.clients.full:
            return PlainTextResponse(f"{doors.FULL}\n", 503)
        if request.method == "HEAD":  # whose stream would never end
            return Response(media_type=EVENT_STREAM)
        last_id = request.headers.get("last-event-id")

        async def stream() -> AsyncIterator[str]:
            with self._state.clients.join("events", ClientQueue()) as queue:
                async for text in doors.event_stream(self._state, queue, last_id):
                    yield text

        return StreamingResponse(stream(), media_type=EVENT_STREAM)

    async def snapshot(self, request: Request) -> Response:
        """Answer with the newest picture."""
        _, jpeg = await self._pictures.newest()
        if not jpeg:
            return PlainTextResponse(f"{NO_PICTURE_YET}\n", 503)
        return Response(jpeg, media_type="image/jpeg")

    async def video(self, request: Request) -> Response:
        """Answer with a stream of pictures."""
        if self._state.clients.full:
            return PlainTextResponse(f"{doors.FULL}\n", 503)
        if request.method == "HEAD":
            return Response(headers={"content-type": PICTURE_STREAM})

        async def stream() -> AsyncIterator[bytes]:
            with self._state.clients.join("video", ClientQueue()) as queue:
                async for part in doors.picture_stream(queue, self._pictures):
                    yield part

        return StreamingResponse(stream(), headers={"content-type": PICTURE_STREAM})

    async def websocket(self, websocket: WebSocket) -> None:
        """Stream events and statuses, take keys."""
        await doors.serve_websocket(websocket, self._state)

    def _file(self, name: str) -> Response:
        file = self._page.get(name)
        if file is None:
            return PlainTextResponse("no such file\n", 404)
        return Response(file.content, headers={"content-type": file.media_type})
