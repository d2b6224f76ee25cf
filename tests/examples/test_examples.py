"""Every example runs as it is written, and says what it promises."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rtsp import RtspCamera

import realtime
from engines.bundle.bundle import Bundle
from realtime.person import saved_profile
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.runtime import stages_from_bundle as stages

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
LONG_S = 120.0
NUMBER = re.compile(r"\d+% genuine")


def run(name: str, *arguments: str, folder: Path) -> str:
    """Run an example in `folder`; return what it prints."""
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        capture_output=True,
        text=True,
        timeout=LONG_S,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_there_are_seven_and_each_is_run_below() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if path.is_file()}
    tests = Path(__file__).read_text()
    assert len(names) == 7
    assert all(f'"{Path(name).stem}' in tests for name in names)


def test_they_are_strictly_typed(tmp_path: Path) -> None:
    programs = sorted(EXAMPLES.glob("*.py"))
    cache = ["--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *cache, *programs],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (0, "Success: no issues found in 5 source files\n")


def test_to_pandas(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    printed = run("to_pandas.py", "-o", "table.csv", folder=tmp_path)
    table = pandas.read_csv(tmp_path / "table.csv")
    assert len(table) == 43
    judged = table["p_genuine"].notna()
    assert set(table["state"][judged]) <= {"judging", "settled"}
    assert judged.any()
    assert re.search(r"^neutral +\d+$", printed, re.MULTILINE)


def test_own_frames(tmp_path: Path) -> None:
    lines = run("own_frames.py", folder=tmp_path).splitlines()
    assert len(lines) == 43
    assert any(NUMBER.search(line) for line in lines)
    assert lines[0] == "  0.00 s  warming_up: the face was not yet seen for long enough"


def test_two_gauges(tmp_path: Path) -> None:
    printed = run("two_gauges.py", folder=tmp_path)
    assert re.search(r"left: \d+% genuine", printed)
    assert re.search(r"right: \d+% genuine", printed)


def test_rtsp_callbacks_with_a_camera() -> None:
    binary = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    readings: list[realtime.Reading] = []
    errors: list[realtime.GaugeError] = []
    camera = RtspCamera(binary)
    camera.start()

    def change(reading: realtime.Reading) -> None:
        readings.append(reading)
        if reading.state == "no_face":
            watcher.stop()

    try:
        watcher = module("rtsp_callbacks").Watcher(camera.url, "any", change, errors.append)
        watcher.start()
        watcher.join(LONG_S)
        assert not watcher.is_alive()
    finally:
        camera.kill()
    assert errors == []
    assert readings[-1].state == "no_face"


def test_rtsp_callbacks_without_a_camera(tmp_path: Path) -> None:
    printed = run("rtsp_callbacks.py", "--seconds", "0.5", folder=tmp_path)
    assert all(re.match(r"\d+\.\d s: [a-z_]+", line) for line in printed.splitlines())
    errors: list[realtime.GaugeError] = []
    gone = module("rtsp_callbacks").Watcher(tmp_path / "gone.mp4", "any", print, errors.append)
    gone.run()
    assert "there is no file" in str(errors[0])


def test_person_profile(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    neutral = stages.population(bundle).neutral
    stats = PersonStats(10.0, neutral, np.full_like(neutral, 0.01), 10.0)
    face = KnownFace(np.zeros(128, np.float32), 5)
    path = saved_profile.save("ann", SavedPerson(stats, bundle.sha256, 0.5, 10.0, face=face))
    by_name = run("person_profile.py", "ann", folder=tmp_path)
    assert by_name.splitlines()[0].split() == ["known", "stranger"]
    assert re.search(r"demo\.mp4 +\S+ +0\.\d+", by_name)
    assert run("person_profile.py", str(path), folder=tmp_path) == by_name
    with pytest.raises(SystemExit, match="no saved person named bob; saved: ann"):
        call(module("person_profile"), "bob", monkeypatch)


def call(example: ModuleType, argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [example.__name__, argument])
    example.main()


def outputs_of(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Run a notebook, which is stored without outputs, in `folder`; return its outputs."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(folder))
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=LONG_S, resources=resources).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_reading_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = outputs_of("reading.ipynb", tmp_path, monkeypatch)
    assert {output.output_type for output in outputs} == {"execute_result"}
    pictures = [
        output.data["image/svg+xml"] for output in outputs if "image/svg+xml" in output.data
    ]
    assert len(pictures) == 1
    assert "% genuine" in pictures[0]
    assert any("text/html" in output.data for output in outputs)
    assert "(40, 2), (3, 64)" in outputs[-1].data["text/plain"]


def test_corpus_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo clip is scored; the model finds the difference of 0.8 in the made-up scores."""
    for package in ("pandas", "statsmodels", "matplotlib"):
        pytest.importorskip(package)
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    outputs = outputs_of("corpus.ipynb", tmp_path, monkeypatch)
    assert "1 with a face, 0 not readable" in outputs[0].text
    (row,) = csv.DictReader((tmp_path / "scores.csv").read_text().splitlines())
    assert (row["person"], row["label"], row["error"]) == ("portrait", "fake", "")
    assert 0 < float(row["p_forced"]) < 1
    assert any("image/png" in output.get("data", {}) for output in outputs)
    found = re.search(
        r"score (\d\.\d+) log odds higher \(95 % interval (\S+) to (\S+)\)", outputs[-1].text
    )
    assert found is not None
    effect, low, high = map(float, found.groups())
    assert 0 < low < 0.8 < high
    assert abs(effect - 0.8) < 0.2
