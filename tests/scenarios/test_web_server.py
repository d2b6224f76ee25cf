"""The whole command with --serve: its address, events as in the record, and one-line errors."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import DEMO

pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0
# The demo would repeat for browsers; its clip as a file ends.
COMMAND = (sys.executable, "-m", "realtime", "--replay", str(DEMO), "--headless")


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@contextmanager
def gauge(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Play the demo's clip with a web server; yield the process and the address that it prints."""
    process = subprocess.Popen(
        [*COMMAND, "--serve", "0", *options],
        env=environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    overdue = threading.Timer(WAIT_S, process.kill)
    overdue.start()
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        match = re.fullmatch(r"web page: (http://127\.0\.0\.1:\d+/)\n", line)
        assert match, line
        yield process, match[1]
    finally:
        overdue.cancel()
        process.kill()
        process.communicate()


def test_a_client_gets_the_lines_of_the_record(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    with gauge("--record", str(record)) as (process, address):
        with connect(f"ws{address.removeprefix('http')}ws", close_timeout=1) as client:
            messages = [json.loads(text) for text in client]  # until the run ends
        assert process.wait(WAIT_S) == 0
    events = [each for each in messages if each["type"] in ("run", "verdict", "summary")]
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [each["type"] for each in lines].count("verdict") > 5
    assert events == lines
    statuses = [each for each in messages if each["type"] == "status"]
    assert [each["seq"] for each in statuses] == sorted({each["seq"] for each in statuses})
    assert {each["loading"] for each in statuses} == {True, False}
    rows = [{"type": "verdict", **each["verdict"]} for each in statuses if each["verdict"]]
    assert all(row in lines for row in rows)
    assert any(each["faces"] for each in statuses)


def test_a_key_from_the_browser_ends_the_run() -> None:
    with gauge("--loop") as (process, address):
        with connect(f"ws{address.removeprefix('http')}ws", close_timeout=1) as client:
            client.send('{"key": "q"}')
            assert process.wait(WAIT_S) == 0
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"{address}healthz", timeout=WAIT_S)


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (("--serve", "PORT"), 2, "UsageError: --serve: 127.0.0.1 port PORT is in use"),
        (("--serve", "99999"), 2, "UsageError: --serve: port 99999"),
        (("--serve", "no host:1"), 2, "UsageError: --serve: no host 'no host'"),
        (("--serve", "0", "--serve-token", "short"), 2, "UsageError: --serve-token has 5"),
        (("--serve", "0", "--serve-cert", "none.pem"), 2, "UsageError: TLS needs"),
        (("--serve-video",), 2, "UsageError: --serve-video belongs to the web server"),
    ],
)
def test_what_cannot_be_served_is_one_line(options: tuple[str, ...], code: int, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        named = [option.replace("PORT", port) for option in options]
        done = subprocess.run(
            [*COMMAND, *named], env=environment(), capture_output=True, text=True, timeout=WAIT_S
        )
    assert done.returncode == code, done.stderr
    assert text.replace("PORT", port) in done.stderr
    assert len(done.stderr.splitlines()) == 1
