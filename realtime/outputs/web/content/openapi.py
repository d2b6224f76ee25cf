"""Description of the web server in OpenAPI 3.1."""

from __future__ import annotations

import json

from realtime.outputs.schema import load_schema
from realtime.view.records.rows import Row

_PATHS = {
    "/": ("The page with the gauge", "text/html", False),
    "/healthz": ("Whether the gauge runs; 503 if it hangs", "application/json", False),
    "/status": ("The newest status", "application/json", True),
    "/ws": ("WebSocket: hello, run, history, then events and statuses", "application/json", True),
    "/events": (
        "Server-sent events: the record's objects, resumed after Last-Event-ID",
        "text/event-stream",
        True,
    ),
    "/metrics": ("Figures for Prometheus", "text/plain", True),
    "/openapi.json": ("This description", "application/json", True),
}
_PICTURES = {
    "/snapshot.jpg": ("The newest picture", "image/jpeg", True),
    "/video": ("A stream of pictures", "multipart/x-mixed-replace", True),
}
_TOKEN_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "query": {"type": "apiKey", "in": "query", "name": "token"},
}


def describe_routes(version: str, *, video: bool) -> Row:
    """Return the description of the routes that a server answers, with the schema of events."""
    described = _PATHS | (_PICTURES if video else {})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "genuine gauge",
            "version": version,
            "description": "Live readings. Messages are described in docs/WEB.md and RECORDS.md.",
        },
        "paths": {path: {"get": _get(path, *about)} for path, about in described.items()},
        "components": {"securitySchemes": _TOKEN_SCHEMES, "schemas": _event_schemas()},
    }


def _event_schemas() -> Row:
    """Return the schema of each event; `Event` is any of them."""
    text = json.dumps(load_schema()).replace("#/$defs/", "#/components/schemas/")
    schema = json.loads(text)
    event = {"description": schema["description"], "oneOf": schema["oneOf"]}
    return {**schema["$defs"], "Event": event}


def _get(path: str, summary: str, media_type: str, needs_token: bool) -> Row:
    answers: Row = {"200": {"description": summary, "content": {media_type: {}}}}
    if path == "/ws":
        answers = {"101": {"description": summary}}
    if needs_token:
        answers |= {"401": {"description": "The token is missing or wrong"}}
    security: list[Row] = [{"bearer": []}, {"query": []}] if needs_token else []
    return {"summary": summary, "responses": answers, "security": security}
