"""TensorRT's plans and timings on this user's disk: a plan takes minutes to build and fits one GPU and version only."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path

from engines.engine import Progress


@dataclass(frozen=True, slots=True)
class PlanKey:
    """What a plan is good for; a change in any of it is another plan.

    The graph's hash stands for the network within its bundle, and for how this version of the program writes it down.
    """

    bundle_sha256: str
    graph_sha256: str
    gpu: str
    tensorrt: str
    shapes: str  # every input with its smallest, usual and largest size

    @property
    def file_name(self) -> str:
        """The plan's file."""
        return f"{_hash('plan', *astuple(self))}.plan"

    @property
    def timing_name(self) -> str:
        """The file of timings, which all plans for one GPU and version share."""
        return f"{_hash('timing', self.gpu, self.tensorrt)}.timing"


def default_folder() -> Path:
    """The user's cache folder, by the XDG rule."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "genuine-gauge" / "tensorrt"


class PlanCache:
    """Files in `folder`, which only this user may write: a plan holds code that the GPU runs."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder, self._progress = folder, progress

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None if there is none, or if others could have written it, which is told."""
        path = self._folder / name
        try:
            if _others_may_write(path) or _others_may_write(self._folder):
                self._progress(
                    f"{path} is not used: other users may write it. Remove it, or `chmod go-w` it"
                )
                return None
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._progress(f"{path} is not used: {error.strerror}")
            return None

    def write(self, name: str, content: bytes) -> None:
        """Keep `content`, whole or not at all; where that cannot be done it is told, and built anew next time."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(content)
            Path(file.name).replace(self._folder / name)
        except OSError as error:
            self._progress(
                f"{self._folder / name} cannot be kept ({error.strerror}): it is built anew at every start"
            )


def _others_may_write(path: Path) -> bool:
    found = path.stat()
    return os.name == "posix" and (found.st_uid != os.getuid() or bool(found.st_mode & 0o022))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
