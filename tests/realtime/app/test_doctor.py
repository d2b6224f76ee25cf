"""`realtime --doctor`: what it says of a machine, and that its exit code is about the main job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import availability as engines_doctor
from engines.availability import CheckResult
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.app import doctor
from realtime.app.cli import main
from realtime.core.errors import UsageError


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines' own tests say what they find; here one is enough."""

    def native_only(asked: str, weights: int) -> list[CheckResult]:
        return [
            CheckResult("native", True, f"{weights} weights", required=asked in ("auto", "native"))
        ]

    monkeypatch.setattr(engines_doctor, "check_engines", native_only)


@pytest.mark.usefixtures("quick")
def test_a_machine_that_can_run_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("genuine-gauge ")
    assert lines[-1] == "The gauge can run."
    told = {line[4:20].strip() for line in lines[1:-1]}
    assert told == {
        "bundle",
        "CPU",
        "native",
        "OpenCV",
        "PyAV",
        "landmark file",
        "face network",
        "xgboost",
        "cameras",
        "display",
        "home",
    }
    assert Bundle.load(DEFAULT_BUNDLE).sha256[:12] in lines[1]


def test_every_engine_is_named_by_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--doctor", "--engine", "native"]) == 0
    told = {line[4:20].strip() for line in capsys.readouterr().out.splitlines()}
    assert {
        "auto",
        "native",
        "native-fp16",
        "torch",
        "cuda",
        "onnx",
        "onnx-cuda",
        "tensorrt",
    } <= told


@pytest.mark.usefixtures("quick")
def test_a_changed_bundle_keeps_the_gauge_from_running(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle")
    with (tmp_path / "bundle" / "arrays.safetensors").open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff\xfe\xfd")
    assert main(["--doctor", "--bundle", str(tmp_path / "bundle")]) == 1
    out = capsys.readouterr().out
    assert "BAD bundle" in out
    assert "differs from its manifest" in out
    assert out.endswith("The gauge cannot run. Fix: bundle.\n")


def test_an_engine_that_was_asked_for_and_cannot_run_is_the_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        engines_doctor, "engine_fault", lambda name: f"no {name}" if name == "cuda" else None
    )
    assert main(["--doctor"]) == 0
    assert "-   cuda            no cuda" in capsys.readouterr().out
    assert main(["--doctor", "--engine", "cuda"]) == 1
    assert capsys.readouterr().out.endswith("The gauge cannot run. Fix: cuda.\n")


def test_an_unknown_engine_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="unknown engine 'warp'"):
        doctor.run_checks("warp", "any", None)


@pytest.mark.parametrize(
    ("look", "broken", "says"),
    [
        (doctor.opencv, "cv2", "apt-get install libgl1"),
        (doctor.opencv, "cv2", "try: pip install 'opencv-python"),
        (doctor.pyav, "av", "try: pip install 'av<19,>="),
        (doctor.landmarks, "dlib", "try: pip install 'dlib-bin>="),
        (lambda: doctor.trees(True), "xgboost", "try: pip install 'xgboost-cpu>="),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, look: object, broken: str, says: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, broken, None)
    found = look()  # type: ignore[operator]
    assert (found.ok, found.required) == (False, True)
    assert says in found.details


def test_a_version_that_does_not_fit_is_told_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"opencv-python": "4.9.0.80", "numpy": "2.4.6"}
    monkeypatch.setattr(doctor, "version", versions.__getitem__)
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert doctor.opencv().details.startswith("4.9.0.80 with NumPy 2.4.6: ")


def noisy(error: BaseException) -> Iterator[CheckResult]:
    """Find one thing, then fail as a library does that prints before it fails."""
    yield CheckResult("first", True, "fine")
    print("A module that was compiled using NumPy 1.x cannot be run", file=sys.stderr)
    raise error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ImportError("numpy.core.multiarray failed to import"), "numpy.core.multiarray failed"),
        (AttributeError("_ARRAY_API not found"), "AttributeError: _ARRAY_API not found"),
        (PermissionError(13, "Permission denied", "/locked"), "PermissionError: [Errno 13]"),
        (RuntimeError("two\nlines"), "RuntimeError: two lines"),
        (SystemExit("ended by a library"), "SystemExit: ended by a library"),
    ],
)
def test_a_check_that_fails_itself_is_a_line(
    error: BaseException, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, failed = doctor.fenced("second", lambda: noisy(error), required=True)
    assert first == CheckResult("first", True, "fine")
    assert (failed.name, failed.ok, failed.required) == ("second", False, True)
    assert failed.details.startswith(told)
    assert capsys.readouterr().err == ""


CHECKS = ["opencv", "pyav", "landmarks", "trees", "cameras", "display", "home", "_bundle"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("broken", CHECKS)
def test_every_check_is_fenced(
    broken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*given: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(doctor, broken, fail)
    code = main(["--doctor"])
    out, errors = capsys.readouterr()
    lines = out.splitlines()
    assert errors == ""
    (line,) = [line for line in lines if "OSError: [Errno 5] Input/output error" in line]
    assert code == int(line.startswith("BAD"))
    assert len(lines) == 13
    assert ("The gauge can run." in lines) == (code == 0)


def test_the_engines_are_fenced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(asked: str, weights: int) -> None:
        raise RuntimeError("no driver")

    monkeypatch.setattr(engines_doctor, "check_engines", fail)
    assert main(["--doctor"]) == 1
    assert "BAD engines         RuntimeError: no driver" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["numpy", "cv2", "av", "numba", "dlib", "xgboost"])
def test_a_library_that_cannot_be_imported_leaves_the_other_lines(
    broken: str, tmp_path: Path
) -> None:
    """In a new process, since here everything is imported already."""
    noise = "import sys; print('a page of NumPy', file=sys.stderr); raise ImportError('wrong ABI')"
    (tmp_path / f"{broken}.py").write_text(noise)
    code = "import sys; from realtime.app.cli import main; sys.exit(main(['--doctor']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert any("wrong ABI" in line for line in lines)
    assert lines[-1].startswith("The gauge ca")
    assert {line[4:20].strip() for line in lines} >= {"cameras", "display", "home"}


class TestHome:
    def test_a_known_one_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert doctor.home().ok
        assert str(tmp_path) in doctor.home().details

    def test_none_is_told_with_its_consequence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("realtime.core.user_folders.data_folder", lambda: None)
        found = doctor.home()
        assert (found.ok, found.required) == (False, False)
        assert "set HOME to a folder of yours" in found.details

    def test_a_file_in_its_place_is_told(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert f"{tmp_path} is not writable" in doctor.home().details


def test_without_trees_nobody_needs_their_library(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not needed by this bundle" in doctor.trees(False).details
    monkeypatch.setitem(__import__("sys").modules, "xgboost", None)
    assert not doctor.trees(False).required


def test_a_missing_landmark_file_is_told_by_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.core.model_files.PACKAGE", "no_such_package")
    (found,) = doctor.fenced("landmark file", lambda: [doctor.landmarks()], required=True)
    assert (found.ok, found.required) == (False, True)
    assert "no package no_such_package. Run `pip install no_such_package`" in found.details


class TestCameras:
    @pytest.fixture(autouse=True)
    def linux(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("realtime.capture.live.camera.DEVICES", tmp_path)

    def test_none_is_no_fault_of_the_gauge(self) -> None:
        found = doctor.cameras()
        assert (found.ok, found.required) == (False, False)
        assert "connect one, or use --replay" in found.details

    def test_those_there_are_are_listed(self, tmp_path: Path) -> None:
        for number in (2, 0):
            (tmp_path / f"video{number}").touch()
        assert doctor.cameras() == CheckResult(
            "cameras", True, f"{tmp_path}/video0, {tmp_path}/video2"
        )

    def test_one_that_may_not_be_used_says_what_to_join(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "video0").touch()
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        assert "no permission for" in doctor.cameras().details
        assert "usually 'video'" in doctor.cameras().details


def test_without_a_display_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "realtime.view.window.display_check.display_available",
        lambda: (False, "no display: DISPLAY is not set"),
    )
    assert doctor.display() == CheckResult("display", False, "no display: DISPLAY is not set")
