"""`realtime --doctor`: check the machine and the installation; name fixes. Writes nothing.

Each check is fenced: what it fails of is its line, and the others follow. Nothing that may be
broken is imported outside a fence.
"""

from __future__ import annotations

import io
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from engines import availability
from engines.availability import CheckResult
from engines.errors import GaugeError
from realtime.app.command_guard import failed_library
from realtime.core.errors import UsageError

PROJECT = "genuine-gauge"
NO_LIBGL = "for a missing libGL.so.1: apt-get install libgl1 libglib2.0-0"


@dataclass(slots=True)
class _Needs:
    """What the bundle needs; before it has been read, the smallest network and trees."""

    weights: int = 0
    trees: bool = True


def run_checks(engine: str, emotion: str, path: Path | None) -> int:
    """Print one line per requirement; return 0 if the gauge can run as requested, 1 if not."""
    _check_engine_name(engine)
    python = f"Python {platform.python_version()}, {platform.platform()}"
    print(f"{PROJECT} {_installed_version(PROJECT)}, {python}")
    failed = []
    for check in _checks(engine, emotion, path):
        print(replace(check, details=_one_line(check.details)), flush=True)
        if check.required and not check.ok:
            failed.append(check.name)
    print(f"The gauge cannot run. Fix: {', '.join(failed)}." if failed else "The gauge can run.")
    return 1 if failed else 0


def _checks(engine: str, emotion: str, path: Path | None) -> Iterator[CheckResult]:
    needs = _Needs()
    yield from fenced("bundle", lambda: [_bundle(path, emotion, needs)], required=True)
    yield from fenced("CPU", lambda: [availability.check_cpu()])
    yield from fenced(
        "engines", lambda: availability.check_engines(engine, needs.weights), required=True
    )
    yield from fenced("OpenCV", lambda: [opencv()], required=True)
    yield from fenced("PyAV", lambda: [pyav()], required=True)
    yield from fenced("landmark file", lambda: [landmarks()], required=True)
    yield from fenced("face network", lambda: [face_network()], required=True)
    yield from fenced("xgboost", lambda: [trees(needs.trees)], required=needs.trees)
    yield from fenced("cameras", lambda: [cameras()])
    yield from fenced("display", lambda: [display()])
    yield from fenced("home", lambda: [home()])


def fenced(
    name: str, checks: Callable[[], Iterable[CheckResult]], required: bool = False
) -> Iterator[CheckResult]:
    """Yield the results of `checks`; an exception becomes a failed check named `name`.

    What libraries print meanwhile is dropped: NumPy prints a page about one that does not fit it.
    """
    found: Iterator[CheckResult] | None = None
    while True:
        try:
            with redirect_stderr(io.StringIO()):
                found = iter(checks()) if found is None else found
                result = next(found)
        except StopIteration:
            return
        except (Exception, SystemExit) as error:
            yield CheckResult(name, False, _reason(error), required)
            return
        yield result


def _check_engine_name(engine: str) -> None:
    """Raise `UsageError` for an unknown engine."""
    try:
        with redirect_stderr(io.StringIO()):
            from engines.registry import AUTO, ENGINES
    except ImportError:  # a check names the library
        return
    if engine not in (AUTO, *ENGINES):
        names = ", ".join((AUTO, *ENGINES))
        raise UsageError(f"unknown engine {engine!r}; choose one of {names}")


def _bundle(path: Path | None, emotion: str, needs: _Needs) -> CheckResult:
    """Check the bundle, and set what it needs to judge `emotion`."""
    from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
    from realtime.app.suggestions import check_emotion
    from realtime.runtime import stages_from_bundle as stages
    from realtime.runtime.scores_from_bundle import has_trees

    found = Bundle.load(path or DEFAULT_BUNDLE)
    check_emotion(emotion, found.emotions)
    needs.weights = stages.network_weight_count(
        found, stages.choose_emotion(found, emotion).emotion
    )
    needs.trees = has_trees(found)
    count, digest = len(found.networks), found.sha256[:12]
    details = f"{count} networks, checksums match, sha256 {digest}, in {found.path}"
    return CheckResult("bundle", True, details, required=True)


def opencv() -> CheckResult:
    """Check OpenCV and its Haar cascade."""
    try:
        import cv2
    except Exception as error:
        versions = f"{_installed_version('opencv-python')} with NumPy {_installed_version('numpy')}"
        fix = f"{_pip_install('opencv-python')}; {NO_LIBGL}"
        details = f"{versions}: {_reason(error)}; try: {fix}"
        return CheckResult("OpenCV", False, details, required=True)
    from realtime.faces.haar_detector import HaarDetector

    HaarDetector()
    return CheckResult("OpenCV", True, f"{cv2.__version__}, with its Haar cascade", required=True)


def pyav() -> CheckResult:
    """Check PyAV, whose FFmpeg reads files and streams and writes videos."""
    try:
        import av
    except Exception as error:
        fix = _pip_install("av")
        return CheckResult("PyAV", False, f"{_reason(error)}; try: {fix}", required=True)
    codec = ".".join(map(str, av.library_versions.get("libavcodec", ())))
    return CheckResult("PyAV", True, f"{av.__version__}, with libavcodec {codec}", required=True)


def landmarks() -> CheckResult:
    """Check dlib and its 68-point model by loading them."""
    try:
        import dlib
    except Exception as error:
        fix = _pip_install("dlib-bin")
        return CheckResult("dlib", False, f"{_reason(error)}; try: {fix}", required=True)
    from realtime.landmarks.predictor import LandmarkPredictor, model_path

    LandmarkPredictor()
    return CheckResult(
        "landmark file", True, f"{model_path()} is whole; dlib is {dlib.__version__}", required=True
    )


def face_network() -> CheckResult:
    """Check the network of face descriptors by loading it."""
    from realtime.person.face_network import load_network, network_path

    load_network(network_path())
    return CheckResult("face network", True, f"{network_path()} is whole", required=True)


def trees(needed: bool) -> CheckResult:
    """Check XGBoost, which is `needed` only by a bundle with trees."""
    try:
        import xgboost
    except Exception as error:
        fix = _pip_install("xgboost-cpu")
        return CheckResult("xgboost", False, f"{_reason(error)}; try: {fix}", needed)
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
    except Exception as error:
        return CheckResult("display", False, f"unknown without OpenCV ({_reason(error)})")
    return CheckResult("display", available, reason or "a window can be opened")


def home() -> CheckResult:
    """Check whether this user has a home folder; only saved people and the notice need one."""
    from realtime.core.user_folders import data_folder

    folder = data_folder()
    if folder is None:
        details = "no home folder is known: no person can be saved; set HOME to a folder of yours"
        return CheckResult("home", False, details)
    existing = next((path for path in (folder, *folder.parents) if os.path.exists(path)), None)
    if existing is None or not os.access(existing, os.W_OK | os.X_OK):
        return CheckResult("home", False, f"no person can be saved: {existing} is not writable")
    return CheckResult("home", True, f"people are saved in {folder}")


def _reason(error: BaseException) -> str:
    """Return one line: an error of ours as it is, a failed import with its library."""
    text = _one_line(str(error))
    if isinstance(error, GaugeError):
        return text
    if isinstance(error, ImportError):
        return f"{failed_library(error)}{text}"
    return f"{type(error).__name__}: {text}"


def _installed_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed by pip)"


def _pip_install(name: str) -> str:
    """Return the command that installs a version of `name` that this project allows."""
    try:
        lines = [line.split(";")[0].strip() for line in requires(PROJECT) or ()]
    except PackageNotFoundError:
        lines = []
    wanted = next((line for line in lines if line.startswith(name)), name)
    return f"pip install '{wanted}'" if wanted != name else f"pip install {name}"


def _one_line(text: str) -> str:
    return str(GaugeError(text))
