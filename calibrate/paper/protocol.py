"""What one run of the paper's protocol is: its numbers, and where each piece of its work lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from calibrate.data.clips import Clip
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.training_config import PaperTrainingConfig

STEPS = 10  # of recognition: as often as learning visits a sequence (100 epochs of 80 visits, 40 x 2 x 10 sequences)


@dataclass(frozen=True, slots=True)
class PaperProtocol:
    """The paper's protocol; only the number of recognition steps and frames a second are not the paper's to say."""

    recipe: PaperTrainingConfig
    passes: int = 10  # over each clip that is learned from
    test_passes: int = 20  # over each clip held out; their scores are averaged
    steps: int = STEPS
    hz: float | None = (
        None  # frames a second that the networks see; None: every frame, as in the paper
    )
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
        """How many passes there are over a clip of that part of the people."""
        return self.passes if part == TRAIN else self.test_passes


@dataclass(frozen=True, slots=True)
class ArtifactPaths:
    """Names of the files in which work lies: what it was made from is in the name, so what is there is right."""

    folder: Path
    protocol: PaperProtocol

    def motion(self, clip: Clip, split: Split) -> Path:
        """Where the passes over a clip are."""
        told = self.protocol
        passes = told.passes_of(split.part(clip.subject))
        size = clip.path.stat().st_size if clip.path.is_file() else 0
        return self._file("motion", clip.name, ".npy", passes, told.hz, told.seed, size)

    def network(self, emotion: str, motions: tuple[Path, ...], seed: int) -> Path:
        """Where the network of an emotion is, learned from the passes in `motions`."""
        names = [path.name for path in motions]
        return self._file("networks", emotion, ".safetensors", self.protocol.recipe, seed, names)

    def pbs(self, clip: Clip, motion: Path, network: Path) -> Path:
        """Where the PBs of a clip's passes are."""
        return self._file("pbs", clip.name, ".npy", motion.name, network.name, self.protocol.steps)

    def _file(self, kind: str, name: str, suffix: str, *made_from: object) -> Path:
        key = sha256(repr(made_from).encode()).hexdigest()[:16]
        place = self.folder / kind
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{name}-{key}{suffix}"
