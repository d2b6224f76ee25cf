"""The completion scripts, asked as a shell asks them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import calibrate.cli
import realtime.app.cli
from realtime.app.completion import SHELLS

BASH = shutil.which("bash") or "bash"
ASK = (
    "source ./script; COMP_WORDS=({words}); COMP_CWORD={last}; _shtab_{name};"
    ' echo "${{COMPREPLY[@]}}"'
)
Offer = Callable[[str], list[str]]


@pytest.fixture
def in_bash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Offer:
    """Return what bash offers for the last word of a command line."""

    def offered(line: str) -> list[str]:
        name = line.split()[0]
        main = realtime.app.cli.main if name == "realtime" else calibrate.cli.main
        assert main(["--completion", "bash"]) == 0
        (tmp_path / "script").write_text(capsys.readouterr().out)
        words = line.split(" ")
        ask = ASK.format(words=" ".join(f"'{w}'" for w in words), last=len(words) - 1, name=name)
        done = subprocess.run(
            [BASH, "--norc", "-c", ask], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.stderr == ""
        return done.stdout.split()

    return offered


def test_options_are_completed(in_bash: Offer) -> None:
    assert in_bash("realtime --recor") == ["--record", "--record-limit"]


def test_emotions_are_completed_by_name(in_bash: Offer) -> None:
    assert in_bash("realtime --emotion s") == ["sadness", "surprise"]


def test_files_are_completed(in_bash: Offer, tmp_path: Path) -> None:
    (tmp_path / "smile.mp4").touch()
    assert in_bash("realtime --replay smi") == ["smile.mp4"]


def test_commands_and_their_options_are_completed(in_bash: Offer) -> None:
    assert in_bash("calibrate ext") == ["extract"]
    assert in_bash("calibrate extract --jo") == ["--jobs"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("main", [realtime.app.cli.main, calibrate.cli.main])
def test_there_is_a_script_for_each_shell(
    main: Callable[[list[str]], int], shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--completion", shell]) == 0
    assert "--debug" in capsys.readouterr().out


def test_an_unknown_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert realtime.app.cli.main(["--completion", "fish"]) == 2
    assert "fish" in capsys.readouterr().err


def test_without_shtab_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert realtime.app.cli.main(["--completion", "bash"]) == 2
    shown = capsys.readouterr().err
    assert "pip install '.[completion]'" in shown
    assert len(shown.splitlines()) == 1
