"""`realtime --doctor`: what it says of a machine, and that its exit code is about the main job."""

from __future__ import annotations

import os
import shutil
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
        "landmark file",
        "xgboost",
        "cameras",
        "display",
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
        (doctor.opencv, "realtime.faces.haar_detector", "apt-get install libgl1"),
        (doctor.landmarks, "realtime.landmarks.predictor", "try: pip install dlib-bin"),
        (lambda: doctor.trees(True), "xgboost", "try: pip install xgboost-cpu"),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, look: object, broken: str, says: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, broken, None)
    found = look()  # type: ignore[operator]
    assert (found.ok, found.required) == (False, True)
    assert says in found.details


def test_without_trees_nobody_needs_their_library(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not needed by this bundle" in doctor.trees(False).details
    monkeypatch.setitem(__import__("sys").modules, "xgboost", None)
    assert not doctor.trees(False).required


def test_a_missing_landmark_file_is_told_by_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.landmarks.predictor.PACKAGE", "no_such_package")
    found = doctor.landmarks()
    assert (found.ok, found.required) == (False, True)
    assert "no package no_such_package. Run `pip install" in found.details


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
