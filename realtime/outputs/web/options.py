"""`WebOptions`: address, token and certificate of the web server, checked."""

from __future__ import annotations

import ipaddress
import re
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from realtime.core.errors import UsageError

LOOPBACK = "127.0.0.1"
TOKEN_CHARACTERS = 16  # of a given one at least; those made here are longer
_TOKEN = re.compile(rf"[A-Za-z0-9._~-]{{{TOKEN_CHARACTERS},200}}")
_ADDRESS = re.compile(r"(?:(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):)?(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class WebOptions:
    """Where the web server listens and what it asks of its clients.

    Port 0 is any free one. `token` is empty only on a loopback host, where every user of this
    machine may connect. `cert` and `key` are PEM files. `video` serves the picture, too.
    """

    host: str = LOOPBACK
    port: int = 0
    token: str = ""
    cert: Path | None = None
    key: Path | None = None
    video: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise UsageError(f"--serve: port {self.port}; want 0 (any free one) to 65535")
        if self.token and not _TOKEN.fullmatch(self.token):
            raise UsageError(
                f"--serve-token has {len(self.token)} characters or unusual ones; want "
                f"{TOKEN_CHARACTERS} or more of A-Z a-z 0-9 . _ ~ -"
            )
        if (self.cert is None) != (self.key is None):
            missing = "--serve-cert" if self.cert is None else "--serve-key"
            raise UsageError(f"TLS needs a certificate and its key. Add {missing} FILE")

    @classmethod
    def of(cls, address: str, token: str | None, **others: Path | bool | None) -> Self:
        """Return the options of `[HOST:]PORT`; raises `UsageError`.

        A host that other machines can reach gets a token if `token` is None.
        """
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise UsageError(f"--serve {address}: want PORT or HOST:PORT, such as 8765 or [::1]:0")
        if token == "":
            raise UsageError("--serve-token is empty. Leave it out, and one is made")
        host = match["six"] or match["host"] or LOOPBACK
        options = cls(host, int(match["port"]), token or "", **others)  # type: ignore[arg-type]
        if token is None and not options.is_loopback:
            options = replace(options, token=secrets.token_urlsafe(24))
        return options

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback_host(self.host)

    @property
    def scheme(self) -> str:
        """`https` with a certificate, otherwise `http`."""
        return "http" if self.cert is None else "https"


def is_loopback_host(host: str) -> bool:
    """Return whether `host` is `localhost` or an IP address of this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
