"""Doors of a whole run: what leaves through them is what is recorded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from realtime.app import doors
from realtime.app.cli import main, parser
from realtime.app.doors import open_doors
from realtime.app.options import Options
from realtime.core.errors import UsageError
from realtime.outputs.events import EventHub

SHORT = ["--yes", "--demo", "--to", "2s", "--fast", "--headless"]


def options(*named: str) -> Options:
    return Options.of(parser().parse_args(["--demo", *named]))


def json_objects(receiver: socket.socket) -> list[object]:
    """Return the events that arrive up to the summary, as JSON."""
    from pythonosc.osc_packet import OscPacket

    found: list[object] = []
    while not found or found[-1]["type"] != "summary":  # type: ignore[index]
        first = OscPacket(receiver.recv(65_536)).messages[0].message
        found.append(json.loads(first.params[0]))
    return found


@pytest.fixture
def receiver() -> socket.socket:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(60)
        yield opened


def test_a_receiver_of_osc_gets_the_record(receiver: socket.socket, tmp_path: Path) -> None:
    pytest.importorskip("pythonosc")
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend(json_objects(receiver)))
    thread.start()
    out, port = tmp_path / "out.jsonl", receiver.getsockname()[1]
    assert main([*SHORT, "--record", str(out), "--osc", f"127.0.0.1:{port}"]) == 0
    thread.join(60)
    assert found == [json.loads(line) for line in out.read_text().splitlines()]
    assert len(found) > 10


def test_a_receiver_that_is_missing_stops_nothing(
    capsys: pytest.CaptureFixture[str], receiver: socket.socket
) -> None:
    pytest.importorskip("pythonosc")
    address = f"127.0.0.1:{receiver.getsockname()[1]}"
    receiver.close()
    assert main([*SHORT, "--osc", address]) == 0
    assert "61 captured, 61 processed" in capsys.readouterr().out


@pytest.mark.skipif(find_spec("pylsl") is None, reason="needs pylsl")
def test_every_reading_of_a_run_is_offered_by_lsl(tmp_path: Path) -> None:
    """In a process of its own: the library reads its configuration once."""
    config = tmp_path / "lsl_api.cfg"
    config.write_text("[multicast]\nResolveScope = machine\n[log]\nlevel = -3\n")
    command = [sys.executable, "-m", "realtime", *SHORT, "--lsl", "gauge"]
    environment = {**os.environ, "LSLAPICFG": str(config)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "61 captured, 61 processed" in done.stdout
    assert "events " not in done.stdout  # nothing was lost


def test_without_options_there_is_no_door_and_no_thread() -> None:
    before = threading.active_count()
    with open_doors(options(), (), EventHub()) as opened:
        assert opened == []
        assert threading.active_count() == before


def test_the_doors_are_closed_when_one_of_them_cannot_open(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pythonosc")

    def refuse(*_: object) -> None:
        raise UsageError("no LSL here")

    monkeypatch.setattr("realtime.outputs.lsl.LslSink", refuse)
    hub, before = EventHub(), threading.active_count()
    found = options("--osc", "127.0.0.1:9", "--lsl", "gauge")
    with pytest.raises(UsageError, match="no LSL here"), doors.open_doors(found, (), hub):
        pass
    assert (hub.subscriptions, threading.active_count()) == ((), before)


def test_options_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="--lsl: the name of the stream is empty"):
        options("--lsl", "")
    with pytest.raises(UsageError, match="want HOST:PORT"):
        options("--osc", "9000")
