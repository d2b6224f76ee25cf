"""Numbers of the paper's protocol, and the file of each piece of its work."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from calibrate.data.clips import Clip
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.training_config import PaperTrainingConfig

# Recognition steps: as often as training visits a sequence (100 epochs of 80 visits, 40 x 2 x 10
# sequences).
STEPS = 10


@dataclass(frozen=True, slots=True)
class PaperProtocol:
    """The paper's protocol; the paper does not give the recognition steps and the frame rate."""

    training: PaperTrainingConfig
    passes: int = 10  # over each training clip
    test_passes: int = 20  # over each held-out clip; their scores are averaged
    steps: int = STEPS
    hz: float | None = None  # frame rate of the networks; None: every frame, as in the paper
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("passes", "test_passes", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; want 1 or more")
        if self.hz is not None and not 1 <= self.hz <= 120:
            raise ValueError(f"hz is {self.hz:g}; want 1 to 120")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; want 0 or more")

    def passes_of(self, part: str) -> int:
        """Return the number of passes over a clip of a part of the split."""
        return self.passes if part == TRAIN else self.test_passes


@dataclass(frozen=True, slots=True)
class ArtifactPaths:
    """Paths of intermediate files; a hash of the inputs in each name keeps them valid."""

    folder: Path
    protocol: PaperProtocol

    def motion(self, clip: Clip, split: Split) -> Path:
        """Return the path of the passes over a clip."""
        protocol = self.protocol
        passes = protocol.passes_of(split.part(clip.subject))
        size = clip.path.stat().st_size if clip.path.is_file() else 0
        return self._file("motion", clip.name, ".npy", passes, protocol.hz, protocol.seed, size)

    def network(self, emotion: str, motions: tuple[Path, ...], seed: int) -> Path:
        """Return the path of the network of an emotion, trained on the passes in `motions`."""
        names = [path.name for path in motions]
        return self._file("networks", emotion, ".safetensors", self.protocol.training, seed, names)

    def pbs(self, clip: Clip, motion: Path, network: Path) -> Path:
        """Return the path of the PBs of a clip's passes."""
        return self._file("pbs", clip.name, ".npy", motion.name, network.name, self.protocol.steps)

    def _file(self, kind: str, name: str, suffix: str, *inputs: object) -> Path:
        key = sha256(repr(inputs).encode()).hexdigest()[:16]
        folder = self.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}-{key}{suffix}"
