"""Open Sound Control 1.0 over UDP: each event is one bundle; docs/RECORDS.md has the addresses."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from realtime.core.errors import UsageError
from realtime.outputs.door import missing_package
from realtime.outputs.events import Event
from realtime.outputs.state_codes import STATE_CODES
from realtime.view.records.rows import Row

ROOT = "/gauge"
Message = tuple[str, str, object]  # address, type tag, argument
_ADDRESS = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")  # in a part of an OSC address


@dataclass(frozen=True, slots=True)
class OscAddress:
    """Host and UDP port of a receiver."""

    host: str
    port: int

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise UsageError(f"--osc: port {self.port}; want 1 to 65535")

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the address `HOST:PORT`; raises `UsageError`."""
        match = _ADDRESS.fullmatch(text)
        if match is None:
            raise UsageError(f"--osc {text}: want HOST:PORT, such as 127.0.0.1:9000 or [::1]:9000")
        return cls(match["six"] or match["host"], int(match["port"]))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class OscSink:
    """Sends each event as one bundle in one datagram, which is never waited for."""

    def __init__(self, address: OscAddress) -> None:
        """Resolve the host; raises `UsageError` if that fails or python-osc is missing."""
        try:
            import pythonosc  # noqa: F401 - before the first event
        except ImportError:
            raise missing_package("--osc", "python-osc", "osc") from None
        self._socket = _connected(address)

    def send(self, event: Event) -> None:
        """Send one bundle; raises `OSError`, such as while nothing listens on this machine."""
        data = bundle(event)
        try:
            self._socket.send(data)
        except ConnectionRefusedError:  # of the datagram before: this one was not sent
            self._socket.send(data)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _connected(address: OscAddress) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, place = found[0]
        connected = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"--osc {address}: {error.strerror or error}. Check the host") from None
    try:
        connected.setblocking(False)
        connected.connect(place)
    except OSError as error:
        connected.close()
        raise UsageError(f"--osc {address}: {error.strerror or error}. Check the host") from None
    return connected


def messages(event: Event) -> Iterator[Message]:
    """Yield the messages of an event: the JSON object, then a verdict's single values.

    A value that does not exist has no message, and `judged` says whether there is a probability.
    """
    yield f"{ROOT}/{event.kind}", "s", event.text
    if event.kind == "verdict":
        yield from _values(event.row)


def _values(row: Row) -> Iterator[Message]:
    face, emotion = row.get("face"), _UNSAFE.sub("_", str(row["emotion"]))
    place = f"{ROOT}/face/{face}/{emotion}" if face is not None else f"{ROOT}/{emotion}"
    yield f"{place}/judged", "i", int(row["p_genuine"] is not None)
    for name, tag in (("p_genuine", "f"), ("intensity", "f")):
        if row[name] is not None:
            yield f"{place}/{name}", tag, row[name]
    yield f"{place}/state", "s", row["state"]
    yield f"{place}/state_code", "i", STATE_CODES[str(row["state"])]
    yield f"{place}/reason", "s", row["reason"]
    yield f"{place}/at_s", "d", row["at_s"]
    yield f"{place}/age_ms", "f", row["age_ms"]


def bundle(event: Event) -> bytes:
    """Return the datagram of an event: a bundle to be used at once."""
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscBundleBuilder(IMMEDIATELY)
    for address, tag, argument in messages(event):
        message = OscMessageBuilder(address)
        message.add_arg(argument, tag)  # type: ignore[arg-type]
        builder.add_content(message.build())
    return builder.build().dgram
