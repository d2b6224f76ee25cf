"""`realtime --doctor`: check the machine and the installation; name fixes. Writes nothing."""

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
    """Print one line per requirement; return 0 if the gauge can run as requested, 1 if not."""
    if engine not in (AUTO, *ENGINES):
        names = ", ".join((AUTO, *ENGINES))
        raise UsageError(f"unknown engine {engine!r}; choose one of {names}")
    python = f"Python {platform.python_version()}, {platform.platform()}"
    print(f"genuine-gauge {version('genuine-gauge')}, {python}")
    failed = []
    for check in _checks(engine, emotion, path or DEFAULT_BUNDLE):
        print(check, flush=True)
        if check.required and not check.ok:
            failed.append(check.name)
    print(f"The gauge cannot run. Fix: {', '.join(failed)}." if failed else "The gauge can run.")
    return 1 if failed else 0


def _checks(engine: str, emotion: str, path: Path) -> Iterator[CheckResult]:
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
    """Check the bundle; also return its largest weight count for `emotion`, and if it has trees."""
    try:
        found = Bundle.load(path)
        weights, grown = (
            stages.network_weight_count(found, stages.choose_emotion(found, emotion).emotion),
            stages.has_trees(found),
        )
    except GaugeError as error:
        return CheckResult("bundle", False, str(error), required=True), 0, True
    count, digest = len(found.networks), found.sha256[:12]
    details = f"{count} networks, checksums match, sha256 {digest}, in {found.path}"
    return CheckResult("bundle", True, details, required=True), weights, grown


def opencv() -> CheckResult:
    """Check OpenCV and its Haar cascade."""
    try:
        from realtime.faces.haar_detector import HaarDetector

        HaarDetector()
        import cv2
    except (ImportError, OSError, GaugeError) as error:
        fix = (
            "pip install 'opencv-python>=4.9,<5'; "
            "for a missing libGL.so.1: apt-get install libgl1 libglib2.0-0"
        )
        return CheckResult("OpenCV", False, f"{error}; try: {fix}", required=True)
    return CheckResult("OpenCV", True, f"{cv2.__version__}, with its Haar cascade", required=True)


def landmarks() -> CheckResult:
    """Check dlib and its 68-point model by loading them."""
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
    """Check XGBoost, which is `needed` only by a bundle with trees."""
    try:
        import xgboost
    except (ImportError, OSError) as error:
        return CheckResult("xgboost", False, f"{error}; try: pip install xgboost-cpu", needed)
    return CheckResult(
        "xgboost",
        True,
        xgboost.__version__ + ("" if needed else "; not needed by this bundle"),
        needed,
    )


def cameras() -> CheckResult:
    """Check which cameras this user may open; files and streams need none."""
    if sys.platform != "linux":
        return CheckResult("cameras", True, "not listed on this system; try --camera 0")
    from realtime.capture.live.camera import DEVICES

    nodes = sorted(DEVICES.glob("video*"))
    if not nodes:
        return CheckResult(
            "cameras", False, f"no {DEVICES}/video*; connect one, or use --replay, --url or --demo"
        )
    denied = [str(node) for node in nodes if not os.access(node, os.R_OK | os.W_OK)]
    if denied:
        return CheckResult(
            "cameras",
            False,
            f"no permission for {', '.join(denied)}; join its group, usually 'video'",
        )
    return CheckResult("cameras", True, ", ".join(map(str, nodes)))


def display() -> CheckResult:
    """Check whether a window can be opened; the terminal gauge needs none."""
    try:
        from realtime.view.window.display_check import display_available

        available, reason = display_available()
    except (ImportError, OSError) as error:
        return CheckResult("display", False, f"unknown without OpenCV ({error})")
    return CheckResult("display", available, reason or "a window can be opened")
