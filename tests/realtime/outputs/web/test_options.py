from __future__ import annotations

from pathlib import Path

import pytest

from realtime.core.errors import UsageError
from realtime.outputs.web.options import WebOptions, is_loopback_host


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("8765", "127.0.0.1", 8765),
        ("0", "127.0.0.1", 0),
        ("localhost:80", "localhost", 80),
        ("0.0.0.0:8765", "0.0.0.0", 8765),
        ("[::1]:1", "::1", 1),
        ("gauge.lab:65535", "gauge.lab", 65535),
    ],
)
def test_an_address_is_a_port_or_a_host_and_a_port(address: str, host: str, port: int) -> None:
    options = WebOptions.of(address, None)
    assert (options.host, options.port) == (host, port)


@pytest.mark.parametrize("address", ["", "host", "host:", ":80", "65536", "::1:80", "a:b:1", "-1"])
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="--serve"):
        WebOptions.of(address, None)


def test_only_a_host_that_others_can_reach_gets_a_token_of_its_own() -> None:
    assert WebOptions.of("8765", None).token == ""
    assert WebOptions.of("[::1]:0", None).token == ""
    first, second = (WebOptions.of("0.0.0.0:0", None).token for _ in range(2))
    assert first != second
    assert len(first) >= 32
    assert WebOptions.of("0.0.0.0:0", "a-token-of-one-s-own").token == "a-token-of-one-s-own"


@pytest.mark.parametrize("token", ["", "short", "fifteen-letters", "with spaces in between"])
def test_a_weak_or_odd_token_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="--serve-token"):
        WebOptions.of("0", token)


def test_a_certificate_needs_its_key_and_the_reverse() -> None:
    with pytest.raises(UsageError, match="Add --serve-key"):
        WebOptions(cert=Path("cert.pem"))
    with pytest.raises(UsageError, match="Add --serve-cert"):
        WebOptions(key=Path("key.pem"))
    assert WebOptions(cert=Path("cert.pem"), key=Path("key.pem")).scheme == "https"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.2", "gauge.lab", "localhost.evil"])
def test_other_hosts(host: str) -> None:
    assert not is_loopback_host(host)
