"""Listening socket and TLS certificate of the web server; every failure is one line."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from pathlib import Path

from realtime.core.errors import UsageError, WebServerError
from realtime.outputs.web.options import WebOptions

BACKLOG = 512  # connections that wait to be accepted; the system holds them, not this process


def listen(options: WebOptions) -> socket.socket:
    """Return a socket that listens on the options' address, without blocking.

    Raises `UsageError` for an unknown host or a port in use, `WebServerError` without permission.
    """
    family, address = _resolve(options.host, options.port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _explained(options, error) from None
    listener.setblocking(False)
    return listener


def tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the TLS context of a certificate and its key, TLS 1.2 or newer; None without one.

    Raises `UsageError` where they cannot be read or do not fit each other.
    """
    if cert is None or key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for option, path in (("--serve-cert", cert), ("--serve-key", key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise UsageError(f"{option} {path}: {error.strerror}. Name a PEM file") from None
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # never asks on the terminal
    except (ssl.SSLError, OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise UsageError(
            f"{cert} and {key} are no certificate with its key ({why}). "
            "Want PEM files, the key without a passphrase"
        ) from None
    return context


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(
            f"--serve: no host {host!r}. Want a name or address of this machine, such as 127.0.0.1"
        ) from None
    family, _, _, _, address = found[0]
    return family, address


def _explained(options: WebOptions, error: OSError) -> UsageError | WebServerError:
    place = f"{options.host} port {options.port}"
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"--serve: {place} is in use. Name another port, or 0 for any free one")
    if error.errno == errno.EADDRNOTAVAIL:
        return UsageError(f"--serve: {options.host} is not this machine. Try 127.0.0.1 or 0.0.0.0")
    if error.errno in (errno.EACCES, errno.EPERM):
        return WebServerError(
            f"no permission to listen on {place}. Name a port of 1024 or more, such as 8765"
        )
    return WebServerError(f"cannot listen on {place}: {error.strerror}. Try --serve 0")
