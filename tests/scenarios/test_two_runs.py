"""Two runs at once never write one file, and a killed run leaves its outputs whole and free."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from films import boxes, format_of, levels
from servers import wait_until

from realtime.app.cli import main

WRITTEN = ("run.jsonl", "run.mp4")
GAUGE = [sys.executable, "-m", "realtime", "--yes", "--headless"]


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def refused(capsys: pytest.CaptureFixture[str], *options: str | Path) -> str:
    assert main(["--yes", "--headless", "--demo", "--to", "1s", *map(str, options)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def other(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run that writes a record, a film and at its end a profile."""
    records = [part for name in WRITTEN for part in ("--record", str(folder / name))]
    profile = ["--profile", str(folder / "trace.json")]
    command = [*GAUGE, "--demo", "--loop", "--record-limit", "0.1", *records, *profile]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: all(size_of(folder / name) > 1000 for name in WRITTEN))
            yield process
        finally:
            process.kill()


class TestAFileThatAnotherRunWrites:
    """One run for all of them; it is killed in the end, and its files are free."""

    @pytest.mark.parametrize("name", WRITTEN)
    @pytest.mark.parametrize("how", ["name", "hard link", "symbolic link"])
    def test_is_refused_and_goes_on(
        self,
        how: str,
        name: str,
        folder: Path,
        other: subprocess.Popen[bytes],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        path = folder / name
        if how == "hard link":
            path = folder / f"hard-{name}"
            os.link(folder / name, path)
        elif how == "symbolic link":
            path = tmp_path / name
            path.symlink_to(folder / name)
        size = (folder / name).stat().st_size
        line = refused(capsys, "--record", path)
        assert f"{path} is being written by another run" in line
        wait_until(lambda: (folder / name).stat().st_size > size)
        assert other.poll() is None

    def test_of_a_profile_too(
        self, folder: Path, other: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = refused(capsys, "--profile", folder / "trace.json")
        assert "trace.json is being written by another run" in line
        assert not (folder / "trace.json").exists()

    def test_after_kill_9_all_are_whole_and_free(
        self, folder: Path, other: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
    ) -> None:
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=60)
        film = folder / "run.mp4"
        assert format_of(film)[:2] == ("h264", "yuv420p")
        fragments = sum(kind == "mdat" for kind, _ in boxes(film.read_bytes()))
        assert len(levels(film)) >= 25 * fragments > 0
        whole, _ = (folder / "run.jsonl").read_text().rsplit("\n", 1)
        assert all(json.loads(line) for line in whole.split("\n"))
        records = [part for name in WRITTEN for part in ("--record", str(folder / name))]
        options = ["--demo", "--to", "1s", *records, "--profile", str(folder / "trace.json")]
        assert main(["--yes", "--headless", *options]) == 0
        assert 0 < len(levels(film)) <= 100
        assert json.loads((folder / "trace.json").read_text())
        assert not list(folder.glob(".*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_film_is_complete_after_ctrl_c(number: int, tmp_path: Path) -> None:
    film = tmp_path / "run.mp4"
    command = [*GAUGE, "--demo", "--loop", "--record", str(film)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: size_of(film) > 20_000)
            process.send_signal(number)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    data = film.read_bytes()
    assert boxes(data)[-1] == ("mfra", len(data))
    assert len(levels(film)) >= 25
    assert film.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_fills_up_stops_the_film_and_not_the_gauge(tmp_path: Path) -> None:
    """The system's own error for a file that may not grow."""
    code = """if True:
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
        from realtime.app.cli import main
        sys.exit(main(sys.argv[1:]))
    """
    film = tmp_path / "run.mp4"
    options = ["--yes", "--headless", "--demo", "--record", str(film)]
    command = [sys.executable, "-c", code, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"record      filming to {film} stopped: file too large" in done.stdout
    assert "258 captured" in done.stdout
    assert 0 < film.stat().st_size <= 500_000
    assert len(levels(film)) % 25 == 0
