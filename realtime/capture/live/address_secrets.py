"""Passwords in addresses, taken from the environment, which other users cannot read."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from realtime.core.errors import UsageError

_NAME = re.compile(r"\$\{(\w+)\}")


def fill_in_secrets(url: str) -> str:
    """Return an address with each `${NAME}` of its user and password from the environment.

    A command line is open to every user of the machine. What is filled in is written as %XX where
    an address needs that. Raises `UsageError` for a name that is not set; it names no value.
    """
    scheme, separator, rest = url.partition("://")
    secret, at, host = rest.partition("@")
    if not at or "/" in secret:
        return url
    return f"{scheme}{separator}{_NAME.sub(_value, secret)}@{host}"


def _value(found: re.Match[str]) -> str:
    name = found.group(1)
    if not (value := os.environ.get(name, "")):
        raise UsageError(f"--url names ${{{name}}}, which the environment does not have. Export it")
    return quote(value, safe="")
