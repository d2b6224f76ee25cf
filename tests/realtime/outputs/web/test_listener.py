from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from realtime.core.errors import UsageError, WebServerError
from realtime.outputs.web.listener import listen, tls_context
from realtime.outputs.web.options import WebOptions


def test_it_listens_on_a_free_port_without_blocking() -> None:
    with listen(WebOptions()) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.getsockname()[1] > 0
        assert not listener.getblocking()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1 port {port} is in use"):
            listen(WebOptions(port=port))


def test_an_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UsageError, match=r"no host 'nowhere\.invalid'"):
        listen(WebOptions("nowhere.invalid"))


@pytest.mark.parametrize(
    ("number", "error", "text"),
    [
        (errno.EACCES, WebServerError, "no permission to listen on 127.0.0.1 port 80"),
        (errno.EADDRNOTAVAIL, UsageError, "127.0.0.1 is not this machine"),
        (errno.ENOBUFS, WebServerError, "cannot listen on 127.0.0.1 port 80"),
    ],
)
def test_other_failures_are_one_line(
    monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], text: str
) -> None:
    class Refusing(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError(number, "refused")

    monkeypatch.setattr(socket, "socket", Refusing)
    with pytest.raises(error, match=text) as raised:
        listen(WebOptions(port=80))
    assert "\n" not in str(raised.value)


def test_without_a_certificate_there_is_no_tls() -> None:
    assert tls_context(None, None) is None


def test_a_missing_or_wrong_certificate_is_named(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    with pytest.raises(UsageError, match=r"--serve-cert .*cert\.pem"):
        tls_context(cert, key)
    cert.write_text("no certificate")
    with pytest.raises(UsageError, match=r"--serve-key .*key\.pem"):
        tls_context(cert, key)
    key.write_text("no key")
    with pytest.raises(UsageError, match="are no certificate with its key"):
        tls_context(cert, key)
