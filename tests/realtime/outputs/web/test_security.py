from __future__ import annotations

import asyncio
import socket

import pytest

pytest.importorskip("starlette")

from realtime.outputs.web.options import WebOptions
from realtime.outputs.web.security import AccessPolicy, Gatekeeper, is_public

LOCAL = AccessPolicy.of(WebOptions(port=8765))
TOKEN = "abcdefghijklmnop"
OPEN = AccessPolicy.of(WebOptions("0.0.0.0", 8765, TOKEN))


def refused(policy: AccessPolicy, path: str = "/status", query: str = "", **headers: str) -> int:
    """Return the status code of the refusal, 0 without one."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    refusal = policy.refuse(named, path, query)
    return refusal.status if refusal else 0


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LocalHost"])
def test_this_machine_may_be_called_by_its_loopback_names(host: str) -> None:
    assert refused(LOCAL, host=host) == 0


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "", "192.168.0.2:8765", "127.0.0.1.evil.example"]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(host: str) -> None:
    assert refused(LOCAL, host=host) == 421
    assert refused(LOCAL, "/", host=host) == 421


def test_from_elsewhere_it_is_called_by_address_or_by_its_own_name() -> None:
    def ask(host: str) -> int:
        return refused(OPEN, "/healthz", host=host)

    assert ask("192.168.0.2:8765") == ask("[fe80::1]:8765") == ask(socket.gethostname()) == 0
    assert ask("evil.example:8765") == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1:8765",
        "http://127.0.0.1:1",
        "http://localhost:8765",
        "null",
        "",
    ],
)
def test_pages_of_other_origins_are_refused(origin: str) -> None:
    assert refused(LOCAL, host="127.0.0.1:8765", origin=origin) == 403
    assert refused(LOCAL, "/ws", host="127.0.0.1:8765", origin=origin) == 403


def test_the_page_itself_may_ask() -> None:
    asked = {"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:8765"}
    assert refused(LOCAL, sec_fetch_site="same-origin", **asked) == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_to_the_page_and_embed_nothing(site: str) -> None:
    asked = {"host": "127.0.0.1:8765", "sec_fetch_site": site}
    assert refused(LOCAL, "/", sec_fetch_mode="navigate", **asked) == 0
    assert refused(LOCAL, "/video", sec_fetch_mode="no-cors", **asked) == 403
    assert refused(LOCAL, "/video", sec_fetch_mode="navigate", **asked) == 403
    assert refused(LOCAL, "/", sec_fetch_mode="no-cors", **asked) == 403


@pytest.mark.parametrize("path", ["/status", "/ws", "/events", "/metrics", "/video", "/static"])
def test_everything_of_the_run_needs_the_token(path: str) -> None:
    def ask(query: str = "", **headers: str) -> int:
        return refused(OPEN, path, query, host="192.168.0.2", **headers)

    assert ask() == ask("token=") == ask(f"token={TOKEN}x") == ask(f"x={TOKEN}") == 401
    assert ask(authorization=f"Basic {TOKEN}") == ask(authorization="Bearer wrong") == 401
    assert ask(authorization=TOKEN) == ask("token=%F0%9F%92%A9") == 401
    assert ask(f"token={TOKEN}") == ask(authorization=f"Bearer {TOKEN}") == 0


def test_public_is_what_holds_nothing_of_the_run() -> None:
    assert all(map(is_public, ("/", "/healthz", "/static/gauge.js")))
    assert not any(map(is_public, ("/status", "/healthz/", "//", "/statics", "/ws")))


def test_a_query_of_many_fields_is_refused() -> None:
    async def app(*args: object) -> None:
        raise AssertionError("this must not be reached")

    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        sent.append(message)  # type: ignore[arg-type]

    scope = {
        "type": "http",
        "path": "/status",
        "query_string": b"a=1&" * 100,
        "headers": [(b"host", b"127.0.0.1")],
    }
    asyncio.run(Gatekeeper(app, OPEN, lambda scope: None)(scope, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 400
