"""What a receiver of OSC gets: python-osc's own server on loopback."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from realtime.core.errors import UsageError
from realtime.core.messages import State, Verdict
from realtime.outputs.door import Door
from realtime.outputs.events import Event, EventHub
from realtime.outputs.osc import OscAddress, OscSink, messages
from realtime.view.records.rows import verdict_row

pytest.importorskip("pythonosc")

JUDGING = Verdict(1.5, 45, "surprise", State.JUDGING, 0.75, "", 12.5, intensity=1.25)
NO_FACE = Verdict(2.0, 60, "surprise", State.NO_FACE, None, "no face", 5.0)


class Receiver:
    """OSC server on a free port of this machine; `received` holds addresses and arguments."""

    def __init__(self) -> None:
        from pythonosc.dispatcher import Dispatcher
        from pythonosc.osc_server import BlockingOSCUDPServer

        dispatcher = Dispatcher()
        dispatcher.set_default_handler(self._receive)
        self.received: list[tuple[str, Any]] = []
        self._last = threading.Event()
        self._server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def address(self) -> OscAddress:
        return OscAddress("127.0.0.1", self._server.server_address[1])

    def events(self) -> list[dict[str, Any]]:
        """Return the JSON objects, once the summary is there."""
        assert self._last.wait(60)
        whole = ("/gauge/run", "/gauge/verdict", "/gauge/summary")
        return [json.loads(text) for address, text in self.received if address in whole]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(30)
        self._server.server_close()

    def _receive(self, address: str, argument: object) -> None:
        self.received.append((address, argument))
        if address == "/gauge/summary":
            self._last.set()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def event(verdict: Verdict, **more: object) -> Event:
    return Event(1, verdict_row(verdict) | more, 0.0)


def test_a_receiver_gets_every_event_in_order(receiver: Receiver) -> None:
    hub = EventHub()
    door = Door(hub, "osc", OscSink(receiver.address))
    rows = [
        {"type": "run", "source": "clip.mp4"},
        *(verdict_row(Verdict(n / 10, n, "any", State.NEUTRAL, None, "", 1.0)) for n in range(50)),
        {"type": "summary", "frames": {}},
    ]
    for row in rows:
        hub.publish(row)
    hub.close()
    door.close()
    assert receiver.events() == rows
    assert (door.sent, door.lost) == (52, 0)


def test_single_values_have_an_address_each(receiver: Receiver) -> None:
    sink = OscSink(receiver.address)
    sink.send(event(JUDGING))
    sink.send(Event(2, {"type": "summary"}, 0.0))
    receiver.events()
    sink.close()
    found = dict(receiver.received)
    place = "/gauge/surprise"
    assert found.pop(f"{place}/p_genuine") == pytest.approx(0.75)
    assert found.pop(f"{place}/intensity") == pytest.approx(1.25)
    assert found.pop(f"{place}/age_ms") == pytest.approx(12.5)
    assert found.pop(f"{place}/at_s") == 1.5
    assert found.pop(f"{place}/judged") == 1
    assert (found.pop(f"{place}/state"), found.pop(f"{place}/state_code")) == ("judging", 6)
    assert found.pop(f"{place}/reason") == ""
    assert set(found) == {"/gauge/verdict", "/gauge/summary"}


def test_without_a_probability_there_is_no_number_and_judged_is_0() -> None:
    found = {address: argument for address, _, argument in messages(event(NO_FACE))}
    assert found["/gauge/surprise/judged"] == 0
    assert not {"/gauge/surprise/p_genuine", "/gauge/surprise/intensity"} & set(found)
    assert found["/gauge/surprise/reason"] == "no face"


def test_faces_and_unusual_emotions_have_safe_addresses() -> None:
    found = [address for address, *_ in messages(event(JUDGING, face=2, emotion="a/b *#"))]
    assert "/gauge/face/2/a_b___/p_genuine" in found


def test_a_receiver_that_is_not_there_yet_is_no_error_of_the_next_event() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as later:
        later.bind(("127.0.0.1", 0))
        address = OscAddress("127.0.0.1", later.getsockname()[1])
    sink = OscSink(address)
    for _ in range(3):
        sink.send(event(NO_FACE))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as later:
        later.bind(("127.0.0.1", address.port))
        later.settimeout(30)
        sink.send(event(JUDGING))
        assert later.recv(10_000).startswith(b"#bundle\0")
    sink.close()


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        ("td.local:1", "td.local", 1),
        ("[::1]:65535", "::1", 65535),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    address = OscAddress.of(text)
    assert (address.host, address.port, str(address)) == (host, port, text)


@pytest.mark.parametrize("text", ["", "9000", "host", "host:", ":9000", "a:b:1", "h:0", "h:65536"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError, match=r"--osc.*want"):
        OscAddress.of(text)


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match=r"--osc nowhere\.invalid:9000: .*Check the host"):
        OscSink(OscAddress("nowhere.invalid", 9000))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythonosc", None)
    with pytest.raises(UsageError, match=r"--osc needs python-osc.*genuine-gauge\[osc\]"):
        OscSink(OscAddress("127.0.0.1", 9000))
