"""`realtime --doctor`: what this machine has, what it lacks, and what mends it. Nothing is watched or written."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from engines import availability as engines_doctor
from engines.availability import CheckResult
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.errors import GaugeError
from engines.registry import AUTO, ENGINES
from realtime.core.errors import UsageError
from realtime.runtime import stages_from_bundle as stages


def run_checks(engine: str, emotion: str, path: Path | None) -> int:
    """Print a line for everything that the gauge rests on; 0 if it can run as it was asked to, 1 if not."""
    if engine not in (AUTO, *ENGINES):
        raise UsageError(f"no engine is named {engine!r}; there are {', '.join((AUTO, *ENGINES))}")
    print(
        f"genuine-gauge {version('genuine-gauge')}, Python {platform.python_version()}, {platform.platform()}"
    )
    bad = []
    for finding in _findings(engine, emotion, path or DEFAULT_BUNDLE):
        print(finding, flush=True)
        if finding.required and not finding.ok:
            bad.append(finding.name)
    print(f"The gauge cannot run: mend {', '.join(bad)}." if bad else "The gauge can run.")
    return 1 if bad else 0


def _findings(engine: str, emotion: str, path: Path) -> Iterator[CheckResult]:
    bundle, weights, grown = _bundle(path, emotion)
    yield bundle
    yield engines_doctor.check_cpu()
    yield from engines_doctor.check_engines(engine, weights)
    yield opencv()
    yield landmarks()
    yield trees(grown)
    yield cameras()
    yield display()


def _bundle(path: Path, emotion: str) -> tuple[CheckResult, int, bool]:
    """The bundle, how many weights its networks for `emotion` have (0 if unknown), and whether it holds trees."""
    try:
        found = Bundle.load(path)
        weights, grown = (
            stages.network_weight_count(found, stages.choose_emotion(found, emotion).emotion),
            stages.has_trees(found),
        )
    except GaugeError as error:
        return CheckResult("bundle", False, str(error), required=True), 0, True
    seen = f"{len(found.networks)} networks, all files as listed, sha256 {found.sha256[:12]}, in {found.path}"
    return CheckResult("bundle", True, seen, required=True), weights, grown


def opencv() -> CheckResult:
    """OpenCV and its Haar file."""
    try:
        from realtime.faces.haar_detector import HaarDetector

        HaarDetector()
        import cv2
    except (ImportError, OSError, GaugeError) as error:
        mend = "pip install 'opencv-python>=4.9,<5'; a missing libGL.so.1: apt-get install libgl1 libglib2.0-0"
        return CheckResult("OpenCV", False, f"{error}; try: {mend}", required=True)
    return CheckResult("OpenCV", True, f"{cv2.__version__}, with its Haar file", required=True)


def landmarks() -> CheckResult:
    """dlib and the 68-point file, loaded as a run would."""
    try:
        from realtime.landmarks.predictor import LandmarkPredictor, model_path

        LandmarkPredictor()
        import dlib
    except (ImportError, OSError) as error:
        return CheckResult("dlib", False, f"{error}; try: pip install dlib-bin", required=True)
    except GaugeError as error:
        return CheckResult("landmark file", False, str(error), required=True)
    return CheckResult(
        "landmark file", True, f"dlib {dlib.__version__} reads {model_path()}", required=True
    )


def trees(needed: bool) -> CheckResult:
    """The library of the boosted trees, `needed` by a bundle that holds any."""
    try:
        import xgboost
    except (ImportError, OSError) as error:
        return CheckResult("xgboost", False, f"{error}; try: pip install xgboost-cpu", needed)
    return CheckResult(
        "xgboost",
        True,
        xgboost.__version__ + ("" if needed else "; this bundle holds no tree"),
        needed,
    )


def cameras() -> CheckResult:
    """The cameras this user may open; a file or stream can be watched without one."""
    if sys.platform != "linux":
        return CheckResult("cameras", True, "not listed on this system; try --camera 0")
    from realtime.capture.live.camera import DEVICES

    nodes = sorted(DEVICES.glob("video*"))
    if not nodes:
        return CheckResult(
            "cameras", False, f"no {DEVICES}/video*; plug one in, or use --replay, --url or --demo"
        )
    shut = [str(node) for node in nodes if not os.access(node, os.R_OK | os.W_OK)]
    if shut:
        return CheckResult(
            "cameras",
            False,
            f"this user may not use {', '.join(shut)}; join its group, often 'video'",
        )
    return CheckResult("cameras", True, ", ".join(map(str, nodes)))


def display() -> CheckResult:
    """Whether the window can be shown; the terminal gauge needs none."""
    try:
        from realtime.view.window.display_check import display_available

        there, why_not = display_available()
    except (ImportError, OSError) as error:
        return CheckResult("display", False, f"unknown without OpenCV ({error})")
    return CheckResult("display", there, why_not or "the window can be shown")
