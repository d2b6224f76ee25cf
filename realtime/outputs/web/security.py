"""Who may ask for what: Host, Origin and token of every request, and headers of every answer.

A page of another site can make a browser send requests here. It must neither read an answer (no
CORS), nor reach the gauge under a name of its own (Host, against DNS rebinding), nor open a
WebSocket (Origin), nor show the picture (Sec-Fetch-Site).
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse

from realtime.outputs.web.options import WebOptions, is_loopback_host

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),  # the address holds the token
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),  # the next request's header has its own time limit
)
_OF_UVICORN = (b"content-length", b"content-type", b"connection")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Status code and one line for a request that is not answered."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What a request must show; `names` are host names of this machine, in lower case."""

    names: frozenset[str]
    loopback_only: bool
    token: str
    scheme: str

    @classmethod
    def of(cls, options: WebOptions) -> AccessPolicy:
        """Return the policy for where the server listens."""
        names = {options.host.lower()}
        if not options.is_loopback:
            own = socket.gethostname().lower()
            names |= {own, f"{own.split('.')[0]}.local"}
        return cls(frozenset(names), options.is_loopback, options.token, options.scheme)

    def refuse(self, headers: Mapping[str, str], path: str, query: str) -> Refusal | None:
        """Return why a request is refused; None if it may pass. Header names are in lower case."""
        if not self._knows_host(headers.get("host", "")):
            return Refusal(421, "the Host header names another machine; use the printed address")
        if not self._same_site(headers, path):
            return Refusal(403, "pages of other sites may not use the gauge")
        if self.token and not is_public(path) and not self._has_token(headers, query):
            return Refusal(401, "the token is missing or wrong; use the printed address")
        return None

    def _knows_host(self, host: str) -> bool:
        """Whether `host` is this machine: names of others may have been rebound to its address."""
        name = _without_port(host).lower()
        if name in self.names or is_loopback_host(name):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return not self.loopback_only

    def _same_site(self, headers: Mapping[str, str], path: str) -> bool:
        origin = headers.get("origin")
        if origin is not None and origin != f"{self.scheme}://{headers['host']}":
            return False
        if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            return True
        return path == "/" and headers.get("sec-fetch-mode") == "navigate"  # a link to the page

    def _has_token(self, headers: Mapping[str, str], query: str) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else ""
        given = given or parse_qs(query, max_num_fields=20).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self.token.encode())


def is_public(path: str) -> bool:
    """Return whether `path` holds nothing of the run: the page's own files and `/healthz`."""
    return path in ("/", "/healthz") or path.startswith("/static/")


class Gatekeeper:
    """ASGI layer that refuses what the policy refuses and adds `HEADERS` to every answer.

    `on_request` is called with each request whose header has arrived.
    """

    def __init__(self, app: App, policy: AccessPolicy, on_request: Callable[[Scope], None]) -> None:
        self._app, self._policy, self._on_request = app, policy, on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        self._on_request(scope)

        async def send_with_headers(message: Message) -> None:
            await send(_with_safety(message))

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        refusal = self._refusal(headers, scope)
        if refusal is None:
            await self._app(scope, receive, send_with_headers)
        else:
            answer = PlainTextResponse(f"{refusal.text}\n", refusal.status)
            if refusal.status == 401:
                answer.headers["www-authenticate"] = "Bearer"
            await answer(scope, receive, send_with_headers)

    def _refusal(self, headers: Mapping[str, str], scope: Scope) -> Refusal | None:
        try:
            query = scope["query_string"].decode("latin-1")
            return self._policy.refuse(headers, scope["path"], query)
        except ValueError:  # too many fields in the query
            return Refusal(400, "the query is not understood")


def _with_safety(message: Message) -> Message:
    """Return an answer's first message with `HEADERS`, any other as it is.

    Of the refusal of a WebSocket, some versions of uvicorn write `_OF_UVICORN` themselves.
    """
    if message["type"] == "http.response.start":
        return {**message, "headers": [*message.get("headers", ()), *HEADERS]}
    if message["type"] == "websocket.http.response.start":
        headers = [*message.get("headers", ()), *HEADERS]
        return {**message, "headers": [each for each in headers if each[0] not in _OF_UVICORN]}
    return message


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
