from __future__ import annotations

import json

from realtime.outputs.web.content.openapi import describe_routes


def test_pictures_are_described_only_where_they_are_served() -> None:
    plain, video = describe_routes("1.2.3", video=False), describe_routes("1.2.3", video=True)
    assert set(video["paths"]) - set(plain["paths"]) == {"/snapshot.jpg", "/video"}  # type: ignore[arg-type, call-overload]


def test_every_route_is_described_with_what_it_needs() -> None:
    described = json.loads(json.dumps(describe_routes("1.2.3", video=True)))
    assert described["openapi"].startswith("3.1")
    assert described["info"]["version"] == "1.2.3"
    public = {path for path, item in described["paths"].items() if not item["get"]["security"]}
    assert public == {"/", "/healthz"}


def test_every_event_has_its_schema() -> None:
    schemas = json.loads(json.dumps(describe_routes("1.2.3", video=False)))["components"]["schemas"]
    assert {"Event"} <= set(schemas)
