"""Outputs are written under exactly the name given: any bytes, in any locale, private."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import format_of, levels

from realtime.view.records.mp4_file import open_mp4

ROOT = Path(__file__).parents[2]
NAMES = [
    b"caf\xe9.mp4",
    "café.mp4".encode(),
    "表情.mp4".encode(),
    b"12:30 run.mp4",
    b"file:clip.mp4",
    b"http:clip.mp4",
    b"pipe:1.mp4",
    b"concat:a|b.mp4",
    b"-dash.mp4",
    b"100%.mp4",
    b"frame%03d.mp4",
    b"two\nlines.mp4",
    b"tab\tand \x1b[31mred.mp4",
    b" spaces .mp4",
    b"quote'\".mp4",
    b"back\\slash.mp4",
    b"star*?[1].mp4",
    b"$(touch hacked).mp4",
    b"\xff\xfe\x80.mp4",
    b".mp4.mp4",
    b"n" * 251 + b".mp4",
]
WRITER = """if True:
    import os, sys
    from pathlib import Path
    import numpy as np
    from realtime.view.records.mp4_file import open_mp4
    for name in sys.argv[1:]:
        video = open_mp4(Path(os.fsdecode(bytes.fromhex(name))), 25.0)
        video.write(np.full((48, 64, 3), 90, np.uint8), 5)
        video.close()
"""


@pytest.fixture(scope="session")
def latin1(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a Latin-1 locale, which is compiled here."""
    if shutil.which("localedef") is None:
        pytest.skip("no localedef")
    folder = tmp_path_factory.mktemp("locale")
    command = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US.ISO-8859-1")]
    if subprocess.run(command, capture_output=True, timeout=120).returncode > 1:
        pytest.skip("no sources of locales")
    return {"LOCPATH": str(folder), "LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"}


C = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.fixture(params=["C", "C.UTF-8", "Latin-1"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    locales = {"C": C, "C.UTF-8": {"LC_ALL": "C.UTF-8"}}
    chosen = locales.get(request.param) or request.getfixturevalue("latin1")
    return {**os.environ, **chosen}


def files(folder: Path) -> set[bytes]:
    return set(os.listdir(os.fsencode(folder)))


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_film_has_the_name_given(
    name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    video = open_mp4(Path(os.fsdecode(name)), 25.0)
    video.write(np.full((48, 64, 3), 90, np.uint8), 5)
    video.close()
    assert files(tmp_path) == {name}
    path = tmp_path / os.fsdecode(name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert format_of(path)[:2] == ("h264", "yuv420p")


def test_in_any_locale(environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, *(name.hex() for name in NAMES)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert files(tmp_path) == set(NAMES)
    for name in NAMES:
        path = os.fsencode(tmp_path) + b"/" + name
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert levels(Path(os.fsdecode(path))) == pytest.approx([90] * 5, abs=3)


@pytest.mark.parametrize("stem", [b"caf\xe9", b"12:30 run", b"file:clip", b"-dash", b"100%d"])
def test_the_command_writes_all_its_outputs_under_the_name_given(
    stem: bytes, latin1: dict[str, str], tmp_path: Path
) -> None:
    """Record, video and both profiles of one run, in the locale that is odd for the name."""
    environment = os.environb.copy()
    locale = C if b"caf" not in stem else latin1
    environment.update({os.fsencode(k): os.fsencode(v) for k, v in locale.items()})
    outputs = [b"--record=%s.jsonl", b"--record=%s.mp4", b"--profile=%s.json", b"--profile=%s.html"]
    options = [b"--yes", b"--headless", b"--demo", b"--to", b"1s"]
    options += [output % stem for output in outputs]
    environment[b"PYTHONPATH"] = os.fsencode(ROOT)
    done = subprocess.run(
        [sys.executable, "-m", "realtime", *options],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert files(tmp_path) == {stem + end for end in (b".jsonl", b".mp4", b".json", b".html")}
    for name in files(tmp_path):
        assert stat.S_IMODE(os.stat(os.fsencode(tmp_path) + b"/" + name).st_mode) == 0o600
    path = tmp_path / os.fsdecode(stem + b".jsonl")
    assert json.loads(path.read_text().splitlines()[0])["type"] == "run"
    assert format_of(tmp_path / os.fsdecode(stem + b".mp4"))[:2] == ("h264", "yuv420p")


@pytest.mark.parametrize(
    "name", [b"caf\xe9.mp4", b"12:30.mp4", b"file:x.mp4", b"-x.gif", b"%d.npz"]
)
def test_calibrate_generate_writes_under_the_name_given(name: bytes, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pb = [b"--pb", b"fake"]
    done = subprocess.run(
        [sys.executable, "-m", "calibrate", b"generate", *pb, b"--out=" + name],
        cwd=tmp_path,
        env={**os.environ, **C, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert files(tmp_path) == {name}
    path = tmp_path / os.fsdecode(name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if name.endswith(b".mp4"):
        assert format_of(path)[:2] == ("h264", "yuv420p")
