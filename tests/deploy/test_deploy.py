"""The files of the deployment fit the project; `make deploy` runs what they do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import realtime.app.cli
from realtime.app.options import Options

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
UNIT = (ROOT / "deploy" / "realtime.service").read_text()
CONTEXT = [
    line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
]


def compose_list(key: str) -> list[str]:
    """Return the items of the list `key`, with the variables' explanations replaced."""
    block = re.search(rf"^( +){key}:\n((?:\1  - .*\n)+)", COMPOSE, re.MULTILINE)
    assert block
    items = [line.strip()[2:].split(" #")[0] for line in block[2].splitlines()]
    known = {"CAMERA_URL": "rtsp://camera/stream", "GAUGE_EMOTION": "any", "GAUGE_TOKEN": "a" * 20}
    return [re.sub(r"\$\{(\w+)[^}]*\}", lambda found: known[found[1]], item) for item in items]


def test_the_image_gets_what_the_installation_needs_and_no_more() -> None:
    assert all((ROOT / name).exists() for name in CONTEXT)
    assert {"engines", "realtime", "calibrate", "pyproject.toml", "constraints.txt"} <= set(CONTEXT)
    assert not {"tests", "docs", ".git"} & set(CONTEXT)


def test_the_image_runs_as_an_ordinary_user_of_a_pinned_base() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(":" in base or base in ("system", "build") for base in bases)
    assert "latest" not in DOCKERFILE
    assert "RUN sh deploy/install.sh /opt/genuine-gauge\n" in DOCKERFILE


def test_the_options_of_image_and_compose_file_are_valid() -> None:
    parser = realtime.app.cli.parser()
    (default,) = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    Options.of(parser.parse_args(re.findall(r'"([^"]*)"', default)))
    options = Options.of(parser.parse_args(compose_list("command")))
    assert options.source.url == "rtsp://camera/stream"
    assert options.web is not None
    assert not options.web.is_loopback
    assert len(options.web.token) >= 16


def test_the_compose_file_publishes_to_this_machine_and_grants_nothing() -> None:
    assert compose_list("ports") == ["127.0.0.1:8765:8765"]
    assert compose_list("cap_drop") == ["ALL"]
    assert compose_list("security_opt") == ["no-new-privileges:true"]
    assert "read_only: true" in COMPOSE
    assert "privileged" not in COMPOSE.replace("no-new-privileges", "")


def test_the_options_of_the_unit_are_valid() -> None:
    (given,) = re.findall(r'^Environment="GAUGE_OPTIONS=(.*)"$', UNIT, re.MULTILINE)
    (command,) = re.findall(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    program, *fixed = command.replace("$GAUGE_OPTIONS", given).split()
    assert program == "/opt/genuine-gauge/bin/realtime"
    assert Options.of(realtime.app.cli.parser().parse_args(fixed)).headless


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    file = tmp_path / "realtime.service"
    file.write_text(UNIT.replace("/opt/genuine-gauge/bin/realtime", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    audit = ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(file)]
    assert subprocess.run(audit, capture_output=True, timeout=60).returncode == 0
