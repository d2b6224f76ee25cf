"""The notice of the first run: shown once, waited for only where somebody sits."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from realtime.app import consent_notice
from realtime.view.words.catalogue import text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def seated(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody sits at a terminal."""
    monkeypatch.setattr(sys, "stdin", Terminal())
    return Terminal()


def never(_: str) -> str:
    raise AssertionError("it must not wait")


def test_it_says_what_it_can_and_cannot_tell_and_whom_it_may_watch() -> None:
    assert len(re.findall(r"\.(?= |$)", consent_notice.notice_text())) == 2  # sentences
    assert max(map(len, consent_notice.notice_text().splitlines())) <= 80
    for words in ("often wrong", "cannot tell what a person feels", "agreed", "Article 5(1)(f)"):
        assert words in consent_notice.notice_text().replace("\n", " ")


def test_it_waits_once_and_is_remembered(tmp_path: Path, seated: Terminal) -> None:
    asked: list[str] = []
    for _ in range(2):
        consent_notice.show_notice(
            yes=False,
            file=tmp_path / "new" / "read",
            read=lambda text: asked.append(text) or "",
            out=seated,
        )
    assert asked == [text("notice.prompt")]
    assert seated.getvalue().count(consent_notice.notice_text()) == 1


def test_ctrl_c_leaves_and_remembers_nothing(tmp_path: Path, seated: Terminal) -> None:
    def leave(_: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consent_notice.show_notice(yes=False, file=tmp_path / "read", read=leave, out=seated)
    assert not (tmp_path / "read").exists()


def test_without_a_terminal_it_is_printed_each_time_and_never_waits(tmp_path: Path) -> None:
    out = io.StringIO()
    for _ in range(2):
        consent_notice.show_notice(yes=False, file=tmp_path / "read", read=never, out=out)
    assert out.getvalue().count(consent_notice.notice_text()) == 2
    assert not (tmp_path / "read").exists()


def test_yes_says_that_it_was_read_and_writes_nothing(tmp_path: Path, seated: Terminal) -> None:
    consent_notice.show_notice(yes=True, file=tmp_path / "read", read=never, out=seated)
    assert seated.getvalue() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_settings_folder_that_cannot_be_written_harms_nobody(
    tmp_path: Path, seated: Terminal
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    consent_notice.show_notice(
        yes=False, file=tmp_path / "taken" / "read", read=lambda text: "", out=seated
    )
    assert consent_notice.notice_text() in seated.getvalue()


def test_yes_looks_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the home folder, which a user in a container may lack."""
    monkeypatch.setattr(consent_notice, "mark_path", lambda: never(""))
    consent_notice.show_notice(yes=True)


def test_without_a_home_it_is_shown_and_not_remembered(
    monkeypatch: pytest.MonkeyPatch, seated: Terminal
) -> None:
    monkeypatch.setattr(consent_notice, "settings_folder", lambda: None)
    assert consent_notice.mark_path() is None
    for _ in range(2):
        consent_notice.show_notice(yes=False, read=lambda text: "", out=seated)
    assert seated.getvalue().count(consent_notice.notice_text()) == 2


@pytest.mark.parametrize("name", ["n" * 300, "loop/read", "taken/read"])
def test_a_mark_that_cannot_be_looked_up_was_not_read(
    name: str, tmp_path: Path, seated: Terminal
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "taken").touch()
    consent_notice.show_notice(yes=False, file=tmp_path / name, read=lambda text: "", out=seated)
    assert consent_notice.notice_text() in seated.getvalue()


def test_a_script_is_told_on_stderr(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "realtime",
        "--replay",
        str(tmp_path / "nowhere.mp4"),
        "--headless",
    ]
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.stderr.startswith(consent_notice.notice_text())
    assert done.stdout == ""
