"""Plans and timing caches of TensorRT on disk.

A plan takes minutes to build and is valid for one GPU and version only.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path

from engines.engine import Progress


@dataclass(frozen=True, slots=True)
class PlanKey:
    """Everything a plan depends on; any change makes another plan.

    The graph's hash covers the network within its bundle and this version's export code.
    """

    bundle_sha256: str
    graph_sha256: str
    gpu: str
    tensorrt: str
    shapes: str  # every input with its minimum, optimum and maximum size

    @property
    def file_name(self) -> str:
        """Return the file name of the plan."""
        return f"{_hash('plan', *astuple(self))}.plan"

    @property
    def timing_name(self) -> str:
        """Return the file name of the timings, shared by all plans for one GPU and version."""
        return f"{_hash('timing', self.gpu, self.tensorrt)}.timing"


def default_folder() -> Path:
    """Return the user's cache folder, by the XDG convention."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "genuine-gauge" / "tensorrt"


class PlanCache:
    """Cache files in `folder`, writable by this user only: a plan contains code for the GPU."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder, self._progress = folder, progress

    def read(self, name: str) -> bytes | None:
        """Return the file's bytes; None without a file, or, reported, if others may write it."""
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
        """Write `content` atomically; report a failure, which means a rebuild at the next start."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(content)
            Path(file.name).replace(self._folder / name)
        except OSError as error:
            self._progress(
                f"{self._folder / name} cannot be written ({error.strerror}): "
                "it is rebuilt at every start"
            )


def _others_may_write(path: Path) -> bool:
    status = path.stat()
    return os.name == "posix" and (status.st_uid != os.getuid() or bool(status.st_mode & 0o022))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
